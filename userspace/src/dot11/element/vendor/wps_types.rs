//! Device types of WPS (Wi-Fi Simple Configuration Technical Specification 2.0.8, Table 41).

/// Categories from 1 on, each with its subcategories from 1 on.
const TYPES: [(&str, &[&str]); 12] = [
    (
        "Computer",
        &[
            "PC",
            "Server",
            "Media center",
            "Ultra-mobile PC",
            "Notebook",
            "Desktop",
            "Mobile Internet device",
            "Netbook",
            "Tablet",
            "Ultrabook",
        ],
    ),
    (
        "Input device",
        &[
            "Keyboard",
            "Mouse",
            "Joystick",
            "Trackball",
            "Gaming controller",
            "Remote",
            "Touch screen",
            "Biometric reader",
            "Barcode reader",
        ],
    ),
    ("Printer", &["Printer", "Scanner", "Fax", "Copier", "All-in-one"]),
    (
        "Camera",
        &["Digital still camera", "Video camera", "Web camera", "Security camera"],
    ),
    ("Storage", &["NAS"]),
    (
        "Network infrastructure",
        &["AP", "Router", "Switch", "Gateway", "Bridge"],
    ),
    ("Display", &["Television", "Picture frame", "Projector", "Monitor"]),
    (
        "Multimedia",
        &[
            "DAR",
            "PVR",
            "MCX",
            "Set-top box",
            "Media server",
            "Portable video player",
        ],
    ),
    (
        "Gaming",
        &[
            "Xbox",
            "Xbox 360",
            "PlayStation",
            "Game console",
            "Portable gaming device",
        ],
    ),
    (
        "Telephone",
        &[
            "Windows Mobile",
            "Phone, single mode",
            "Phone, dual mode",
            "Smartphone, single mode",
            "Smartphone, dual mode",
        ],
    ),
    (
        "Audio",
        &[
            "Tuner",
            "Speakers",
            "Portable music player",
            "Headset",
            "Headphones",
            "Microphone",
            "Home theatre",
        ],
    ),
    ("Docking", &["Computer dock", "Media kiosk"]),
];

pub(super) fn names(category: u16, subcategory: u16) -> (Option<&'static str>, Option<&'static str>) {
    let at = |number: u16| usize::from(number).checked_sub(1);
    let found = at(category).and_then(|index| TYPES.get(index));
    let sub = found
        .and_then(|(_, subcategories)| subcategories.get(at(subcategory)?))
        .copied();
    (found.map(|&(name, _)| name), sub)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_with_1() {
        assert_eq!(names(1, 1), (Some("Computer"), Some("PC")));
        assert_eq!(names(11, 7), (Some("Audio"), Some("Home theatre")));
        assert_eq!(names(5, 2), (Some("Storage"), None));
        assert_eq!(names(6, 0), (Some("Network infrastructure"), None));
        assert_eq!(names(0, 1), (None, None));
        assert_eq!(names(255, 1), (None, None));
    }
}
