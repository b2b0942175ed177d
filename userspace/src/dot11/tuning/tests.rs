use super::*;

#[test]
fn names_and_frequencies() {
    for (text, band, frequency) in [
        ("1", Band::Ghz2, 2412),
        ("14", Band::Ghz2, 2484),
        ("36", Band::Ghz5, 5180),
        ("5g177", Band::Ghz5, 5885),
        ("2g6", Band::Ghz2, 2437),
        ("6g2", Band::Ghz6, 5935),
        ("6G5", Band::Ghz6, 5975),
        ("6g233", Band::Ghz6, 7115),
    ] {
        let channel: Channel = text.parse().unwrap();
        assert_eq!((channel.band(), channel.frequency()), (band, frequency), "{text}");
        assert_eq!(Channel::at(u32::from(frequency)), Ok(channel));
        assert_eq!(channel.to_string().parse(), Ok(channel));
    }
    for text in [
        "", "0", "15", "21", "37", "6g3", "6g", "g5", "5g6", "7g1", "+6", "6g+5", "256", "36 ",
    ] {
        assert!(text.parse::<Channel>().is_err(), "{text}");
    }
    assert!(Channel::at(5181).is_err() && Channel::at(70_000).is_err());
    let counts = [Band::Ghz2, Band::Ghz5, Band::Ghz6].map(|band| Channel::all(band).count());
    // 5 GHz: 32 to 68, 96 to 144, 149 to 177. 6 GHz: 59, and channel 2.
    assert_eq!(counts, [14, 10 + 13 + 8, 60]);
}

#[test]
fn widths_are_where_annex_e_has_them() {
    use ChannelWidth::{Mhz20, Mhz40, Mhz80, Mhz160, Mhz320};
    for (channel, width, center, class, secondary) in [
        ("1", Mhz40, 3, 83, 1),
        ("11", Mhz40, 9, 84, -1),
        ("13", Mhz20, 13, 81, 0),
        ("14", Mhz20, 14, 82, 0),
        ("6g2", Mhz20, 2, 136, 0),
        ("36", Mhz40, 38, 116, 1),
        ("48", Mhz80, 42, 128, -1),
        ("64", Mhz160, 50, 129, -1),
        ("100", Mhz160, 114, 129, 1),
        ("144", Mhz80, 138, 128, -1),
        ("149", Mhz80, 155, 128, 1),
        ("165", Mhz40, 167, 126, 1),
        ("177", Mhz160, 163, 129, -1),
        ("6g5", Mhz80, 7, 133, -1),
        ("6g5", Mhz320, 31, 137, -1),
        ("6g93", Mhz160, 79, 134, -1),
        ("6g189", Mhz320, 159, 137, -1),
        ("6g193", Mhz320, 191, 137, 1),
        ("6g225", Mhz320, 0, 0, 0),
        ("132", Mhz160, 0, 0, 0),
        ("36", Mhz320, 0, 0, 0),
        ("6g233", Mhz40, 0, 0, 0),
        ("14", Mhz40, 0, 0, 0),
        ("68", Mhz40, 0, 0, 0),
    ] {
        let tuning = Tuning::new(channel.parse().unwrap(), width);
        let found = tuning.map_or((0, 0, 0), |tuning| {
            (tuning.center_number(), tuning.operating_class(), tuning.secondary())
        });
        assert_eq!(found, (center, class, secondary), "{channel} {width:?}");
    }
}

#[test]
fn a_narrower_width_keeps_the_primary_channel() {
    let wide = Tuning::new("6g37".parse().unwrap(), ChannelWidth::Mhz320).unwrap();
    for width in ChannelWidth::DOWN {
        let tuning = wide.within(width);
        let (low, high) = tuning.edges();
        assert_eq!(tuning.width(), width);
        assert!(low < wide.channel().frequency() && wide.channel().frequency() < high);
    }
    assert_eq!(wide.to_string(), "channel 6g37 (6135 MHz), 320 MHz");
}
