//! A newer registry from a file: the IEEE's CSV files (oui.csv, mam.csv, oui36.csv) and text files (oui.txt and its kin), and
//! Wireshark's `manuf`.

use super::Registry;

/// A line that is none of the format, or a file of none of the formats.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RegistryError {
    /// From 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub problem: &'static str,
}

const UNKNOWN: &str =
    "this is no registry: give the IEEE's oui.csv, mam.csv, oui36.csv or oui.txt, or Wireshark's manuf";
const ASSIGNMENT: &str = "no assignment of 6, 7 or 9 hexadecimal digits: download the file anew";
const QUOTE: &str = "a quoted field is not closed: download the file anew";
const NAME: &str = "no organization behind the assignment: download the file anew";
const EMPTY: &str = "the file names no owner: download it anew";
const PREFIX: &str =
    "no address prefix like 00:1B:C5:00:00:00/36 in front of a tab: each line has prefix, short name and name";

impl Registry {
    /// Lays the entries of a file over those that there are. Gives their number.
    ///
    /// # Errors
    ///
    /// [`RegistryError`]; entries of the lines before it are in.
    pub fn read(&mut self, text: &str) -> Result<usize, RegistryError> {
        let text = text.trim_start_matches('\u{feff}');
        let lines = || text.lines().zip(1..).map(|(line, number)| (number, line.trim_end()));
        let told = |line: &str| !line.is_empty() && !line.starts_with('#');
        let (first, line) = lines().find(|(_, line)| told(line)).unwrap_or((1, ""));
        let read = if line.starts_with("Registry,Assignment,") {
            self.read_csv(text)
        } else if line.starts_with("OUI") && line.ends_with("Organization") {
            self.read_text(lines())
        } else if manuf_prefix(line).is_some() {
            self.read_manuf(lines().filter(|(_, line)| told(line)))
        } else {
            return Err(RegistryError {
                line: first,
                problem: UNKNOWN,
            });
        }?;
        if read == 0 {
            return Err(RegistryError {
                line: first,
                problem: EMPTY,
            });
        }
        Ok(read)
    }

    /// `MA-L,286FB9,"Nokia Shanghai Bell Co., Ltd.","No.388 …"`
    fn read_csv(&mut self, text: &str) -> Result<usize, RegistryError> {
        let (mut line, mut rest, mut read) = (1, text, 0);
        while !rest.is_empty() {
            let at = line;
            let error = |problem| RegistryError { line: at, problem };
            let mut fields = Vec::new();
            loop {
                let (field, end, behind) = csv_field(rest).ok_or_else(|| error(QUOTE))?;
                line += rest[..rest.len() - behind.len()].matches('\n').count();
                fields.push(field);
                rest = behind;
                if end {
                    break;
                }
            }
            match &fields[..] {
                [registry, ..] if registry.trim().is_empty() || registry == "Registry" => {}
                [_, assignment, name, ..] => {
                    let (bits, prefix) = assignment_of(assignment).ok_or_else(|| error(ASSIGNMENT))?;
                    self.insert(bits, prefix, &one_line(name));
                    read += 1;
                }
                _ => return Err(error(NAME)),
            }
        }
        Ok(read)
    }

    /// `28-6F-B9   (hex) Nokia …`, and for shorter ranges a line `700000-7FFFFF     (base 16) …` behind it.
    fn read_text<'a>(&mut self, lines: impl Iterator<Item = (usize, &'a str)>) -> Result<usize, RegistryError> {
        let (mut oui, mut read) = (String::new(), 0);
        for (line, text) in lines {
            let error = |problem| RegistryError { line, problem };
            if let Some((dashed, _)) = text.split_once("(hex)") {
                oui = dashed.trim().replace('-', "");
            } else if let Some((range, name)) = text.split_once("(base 16)") {
                let assignment = match range.trim().split_once('-') {
                    Some((from, to)) => {
                        let same = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b).count();
                        // What the range shares, behind its OUI.
                        format!("{oui}{}", from.get(..same).unwrap_or_default())
                    }
                    None => range.trim().to_owned(),
                };
                let (bits, prefix) = assignment_of(&assignment).ok_or_else(|| error(ASSIGNMENT))?;
                self.insert(bits, prefix, &one_line(name));
                read += 1;
            }
        }
        Ok(read)
    }

    /// `00:1B:C5:00:00:00/36 Convergin Converging Systems Inc.`, as in the files of Wireshark 2 without the last column too.
    fn read_manuf<'a>(&mut self, lines: impl Iterator<Item = (usize, &'a str)>) -> Result<usize, RegistryError> {
        let mut read = 0;
        for (line, text) in lines {
            let error = |problem| RegistryError { line, problem };
            let (bits, prefix) = manuf_prefix(text).ok_or_else(|| error(PREFIX))?;
            let columns: Vec<_> = text.split('\t').map(str::trim).collect();
            let name = match columns[..] {
                [_, short, "", ..] => short,
                [_, _, name, ..] => name,
                [_, short] => short.split(" # ").last().unwrap_or(short).trim(),
                _ => "",
            };
            if name.is_empty() {
                return Err(error(NAME));
            }
            // Well-known addresses have other lengths: they are no one's range.
            if [24, 28, 36].contains(&bits) {
                self.insert(bits, prefix, name);
                read += 1;
            }
        }
        Ok(read)
    }
}

/// A field, whether its record ends with it, and what is behind; `None` where a quote is not closed.
fn csv_field(text: &str) -> Option<(String, bool, &str)> {
    let (field, behind) = match text.strip_prefix('"') {
        None => {
            let end = text.find([',', '\n']).unwrap_or(text.len());
            (text[..end].trim_end_matches('\r').to_owned(), &text[end..])
        }
        Some(mut rest) => {
            let mut field = String::new();
            loop {
                let (part, behind) = rest.split_once('"')?;
                field.push_str(part);
                match behind.strip_prefix('"') {
                    Some(more) => {
                        field.push('"');
                        rest = more;
                    }
                    // What stands between the quote and the comma is no part of the field.
                    None => break (field, &behind[behind.find([',', '\n']).unwrap_or(behind.len())..]),
                }
            }
        }
    };
    Some(match behind.strip_prefix(',') {
        Some(behind) => (field, false, behind),
        None => (field, true, behind.strip_prefix('\n').unwrap_or(behind)),
    })
}

/// Length in bits and prefix of `286FB9`, `C85CE27` or `8C1F64AFA`.
fn assignment_of(digits: &str) -> Option<(u32, u64)> {
    let digits = digits.trim();
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let bits = match digits.len() {
        6 => 24,
        7 => 28,
        9 => 36,
        _ => return None,
    };
    Some((bits, u64::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)?))
}

/// Length in bits and prefix of `00:00:0C`, or of `00:1B:C5:00:00:00/36`, in front of a tab. A whole address has 48 bits.
fn manuf_prefix(line: &str) -> Option<(u32, u64)> {
    let (prefix, _) = line.split_once('\t')?;
    let (octets, mask) = match prefix.trim().split_once('/') {
        Some((octets, mask)) => (octets, Some(mask.parse().ok().filter(|bits| (8..=48).contains(bits))?)),
        None => (prefix.trim(), None),
    };
    let (mut value, mut bits) = (0u64, 0);
    for octet in octets.split([':', '-', '.']) {
        if octet.len() != 2 || bits == 48 || octet.starts_with('+') {
            return None;
        }
        value = value << 8 | u64::from(u8::from_str_radix(octet, 16).ok()?);
        bits += 8;
    }
    let length: u32 = mask.unwrap_or(bits);
    Some((length, value.checked_shl(48 - bits)? >> (48 - length)))
}

fn one_line(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dot11::Address;

    fn read(text: &str) -> (Registry, Result<usize, RegistryError>) {
        let mut registry = Registry::default();
        let read = registry.read(text);
        (registry, read)
    }

    fn name(registry: &Registry, address: [u8; 6]) -> String {
        registry.owner(Address(address)).unwrap().name.into_owned()
    }

    /// Three ranges, one of each length, as every format has them.
    fn assert_three(text: &str) {
        let (registry, read) = read(text);
        assert_eq!(read, Ok(3), "{text}");
        assert_eq!(name(&registry, [0x30, 0xbb, 0x7d, 0, 0, 1]), "Example Radio, Ltd.");
        assert_eq!(name(&registry, [0xc8, 0x5c, 0xe2, 0x71, 0, 0]), "Middle \"Range\" AG");
        assert_eq!(name(&registry, [0x8c, 0x1f, 0x64, 0xaf, 0xaf, 0]), "Small Range");
    }

    #[test]
    fn the_ieees_csv() {
        let text = "Registry,Assignment,Organization Name,Organization Address\r\n\
                    MA-L,30BB7D,\"Example Radio, Ltd.\",\"1 Road\r\nTown  US 1 \"\r\n\
                    MA-M,C85CE27,\"Middle \"\"Range\"\" AG\" ,Street\r\n\
                    MA-S,8C1F64AFA,Small  Range,\r\n";
        assert_three(text);
        assert_three(&format!("\u{feff}{}", text.replace('\r', "")));
        let (_, wrong) = read(&format!("{text}MA-L,30BB7,Short,\n"));
        assert_eq!(wrong.map_err(|error| (error.line, error.problem)), Err((6, ASSIGNMENT)));
        assert_eq!(read(&format!("{text}MA-L,30BB7D,\"Open")).1.unwrap_err().line, 6);
        assert_eq!(read(&format!("{text}MA-L\n")).1.unwrap_err().problem, NAME);
    }

    #[test]
    fn the_ieees_text() {
        let header = "OUI/MA-L                                                    Organization                                 \n\
                      company_id                                                  Organization                                 \n\
                      \x20                                                           Address                                      \n\n";
        let text = "30-BB-7D   (hex)\t\tExample Radio, Ltd.\r\n30BB7D     (base 16)\t\tExample Radio, Ltd.\r\n\t\t\t\t1 Road\r\n\n\
                    C8-5C-E2   (hex)\t\tMiddle \"Range\" AG\n700000-7FFFFF     (base 16)\t\tMiddle \"Range\" AG\n\n\
                    8C-1F-64   (hex)\t\tSmall Range\nAFA000-AFAFFF     (base 16)\t\tSmall Range\n";
        assert_three(&format!("{header}{text}"));
        let (_, wrong) = read(&format!("{header}700000-8FFFFF     (base 16)\t\tNo one\n"));
        assert_eq!(wrong.unwrap_err().line, 5);
    }

    #[test]
    fn wiresharks_manuf() {
        let text = "# comment\n30:BB:7D\tExampleRadi\tExample Radio, Ltd.\n\
                    C8:5C:E2:70:00:00/28\tMiddle\tMiddle \"Range\" AG\n8C-1F-64-AF-A0-00/36\tSmall\tSmall Range\n\
                    01:80:C2:00:00:30/45\tOAM-Multicast\tWell known\n01:0E:CF:00:00:00\tPN-MC\tWell known\n";
        assert_three(text);
        assert_eq!(name(&read("30:BB:7D\tXerox\n").0, [0x30, 0xbb, 0x7d, 0, 0, 0]), "Xerox");
        let (_, wrong) = read(&format!("{text}30:BB:7D:00\n"));
        assert_eq!(wrong.map_err(|error| (error.line, error.problem)), Err((7, PREFIX)));
        assert_eq!(read("30:BB:7D\t\t \tx\n").1.unwrap_err().problem, NAME);
    }

    #[test]
    fn other_files() {
        for text in ["", "{}", "interface = \"wlan0\"\n", "# only a comment\n"] {
            assert_eq!(read(text).1.unwrap_err().problem, UNKNOWN, "{text}");
        }
        assert_eq!(
            read("Registry,Assignment,Organization Name\n").1.unwrap_err().problem,
            EMPTY
        );
    }

    proptest! {
        #[test]
        fn any_text(text: String, csv in "Registry,Assignment,\n[a-fA-F0-9,\"\n]*", manuf in "00:00:00\ta\n[0-9a-f:/\t\n]*") {
            for text in [text, csv, manuf] {
                let _ = read(&text);
            }
        }
    }
}
