//! Short names of companies, as Wireshark prints them. The build script uses this file too.

/// Words that tell nothing about a company, each as it may be split by punctuation.
const GENERAL: [&[&str]; 52] = [
    &["a", "s"],
    &["ab"],
    &["ag"],
    &["b", "v"],
    &["bv"],
    &["closed", "joint", "stock", "company"],
    &["co"],
    &["company"],
    &["corp"],
    &["corporation"],
    &["corporate"],
    &["de", "c", "v"],
    &["de", "cv"],
    &["gmbh"],
    &["holding"],
    &["inc"],
    &["incorporated"],
    &["jsc"],
    &["kg"],
    &["k", "k"],
    &["limited"],
    &["llc"],
    &["ltd"],
    &["n", "v"],
    &["nv"],
    &["oao"],
    &["of"],
    &["open", "joint", "stock", "company"],
    &["ooo"],
    &["oü"],
    &["oy"],
    &["oyj"],
    &["plc"],
    &["pty"],
    &["pvt"],
    &["s", "a", "r", "l"],
    &["sa", "r", "l"],
    &["sarl"],
    &["s", "p", "a"],
    &["sp", "a"],
    &["spa"],
    &["sp", "k"],
    &["spk"],
    &["s", "r", "l"],
    &["srl"],
    &["s", "a"],
    &["sa"],
    &["systems"],
    &["the"],
    &["zao"],
    &["z", "o", "o"],
    &["zoo"],
];

/// Places that names begin with.
const PLACES: [&str; 9] = [
    "shengzen",
    "shenzhen",
    "beijing",
    "shanghai",
    "wuhan",
    "hangzhou",
    "guangdong",
    "guangxi",
    "guangzhou",
];

/// Characters of a short name.
const SHORT: usize = 12;

/// A company's name without what all have in common, in one word of 12 characters at the most; the rule is that of
/// Wireshark's `tools/make-manuf.py`.
pub(crate) fn short_name(organization: &str) -> String {
    let shouted = !organization.chars().any(char::is_lowercase);
    let mut depth = 0u32;
    let mut plain = String::new();
    for character in organization.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => continue,
            '"' | '\'' | ',' | '.' | '/' | ':' | '+' | '-' => plain.push(' '),
            _ if shouted && plain.ends_with(char::is_alphabetic) => plain.extend(character.to_lowercase()),
            _ => plain.push(character),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().filter(|&word| word != "&").collect();
    let mut kept = Vec::new();
    let mut rest = &words[..];
    while let [word, behind @ ..] = rest {
        match GENERAL.iter().find(|term| starts_with(rest, term)) {
            Some(term) => rest = &rest[term.len()..],
            None => {
                kept.push(*word);
                rest = behind;
            }
        }
    }
    if let [place, name @ ..] = &kept[..]
        && !name.is_empty()
        && PLACES.iter().any(|other| other.eq_ignore_ascii_case(place))
    {
        kept.remove(0);
    }
    kept.concat().chars().take(SHORT).collect()
}

fn starts_with(words: &[&str], term: &[&str]) -> bool {
    // Lower case has as many octets in all of these words, and most words are told apart by it.
    let same = |(word, other): (&&str, &&str)| {
        word.len() == other.len() && word.chars().flat_map(char::to_lowercase).eq(other.chars())
    };
    words.len() >= term.len() && words.iter().zip(term).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names() {
        for (organization, short) in [
            ("Hewlett Packard Enterprise", "HewlettPacka"),
            ("OnePlus Technology (Shenzhen) Co., Ltd", "OnePlusTechn"),
            ("OnePlus Tech (Shenzhen) Ltd", "OnePlusTech"),
            ("ASUSTek COMPUTER INC.", "ASUSTekCOMPU"),
            ("NETGEAR", "Netgear"),
            (
                "Shenzhen Four Seas Global Link Network Technology Co., Ltd.",
                "FourSeasGlob",
            ),
            ("GUANGDONG OPPO MOBILE TELECOMMUNICATIONS CORP.,LTD", "OppoMobileTe"),
            ("Intel Corporate", "Intel"),
            ("HTC Corporation", "HTC"),
            ("Shenzhen", "Shenzhen"),
            ("The S.A.", ""),
        ] {
            assert_eq!(short_name(organization), short);
        }
    }
}
