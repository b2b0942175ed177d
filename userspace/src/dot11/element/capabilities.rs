//! Elements that are lists of channels and operating classes.

/// The last channel number of the 2.4 GHz band.
const LAST_2_4_GHZ: u8 = 14;

/// Supported Channels (9.4.2.17): pairs of first channel and count, expanded by the band's own step, 1 in 2.4 GHz and 4 in
/// 5 and 6 GHz. Channel numbers of 6 GHz begin with 1 too: a set is one of 2.4 GHz where it fits in there. Each channel once:
/// sets that repeat one another, thirty channels an octet, don't make the list grow.
pub fn expand_channels(payload: &[u8]) -> Vec<u8> {
    let (mut channels, mut seen) = (Vec::new(), [false; 256]);
    for &[first, count] in payload.as_chunks().0 {
        let last = first.saturating_add(count.saturating_sub(1));
        let step = if last <= LAST_2_4_GHZ { 1 } else { 4 };
        let set = (0..count).map_while(|i| first.checked_add(i.checked_mul(step)?));
        channels.extend(set.filter(|&channel| !std::mem::replace(&mut seen[usize::from(channel)], true)));
    }
    channels
}

/// Supported Operating Classes (9.4.2.53): any of `classes` is the current one or in the lists behind it.
pub fn has_operating_class(payload: &[u8], classes: std::ops::RangeInclusive<u8>) -> bool {
    payload.iter().any(|class| classes.contains(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_own_step() {
        assert_eq!(expand_channels(&[1, 3, 36, 2]), [1, 2, 3, 36, 40]);
        assert_eq!(expand_channels(&[1, 13]).len(), 13);
        assert_eq!(expand_channels(&[1, 59])[56..], [225, 229, 233], "6 GHz");
        assert_eq!(expand_channels(&[36, 0, 149, 1, 7]), [149]);
        assert_eq!(expand_channels(&[250, 255]), [250, 254], "no channel beyond an octet");
    }

    #[test]
    fn repeated_sets_make_no_longer_list() {
        assert_eq!(expand_channels(&[36, 2, 36, 3]), [36, 40, 44]);
        let hostile = [1, 255, 2, 255, 3, 255, 4, 255].repeat(31);
        assert_eq!(expand_channels(&hostile).len(), 255);
    }

    #[test]
    fn the_current_class_counts() {
        assert!(has_operating_class(&[131], 131..=137));
        assert!(has_operating_class(&[81, 115, 137], 131..=137));
        assert!(!has_operating_class(&[81, 130, 138], 131..=137));
    }
}
