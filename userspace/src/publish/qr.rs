//! The QR code by which a phone joins the run's network.
//!
//! The text is that of Wi-Fi Alliance "WPA3 Specification" 3.x, 7.1 (`WIFI-qr`), in the order and with the escapes of the
//! format that it took up (zxing wiki, "Barcode contents"): phones read both. Values stay as they are but for `\`, `;`, `,`,
//! `:` and `"`, so that plain names give what scripts for wlanpi-profiler make of its info file.

use qrcode::{
    Color, EcLevel, QrCode, QrResult, Version, bits::Bits, render::svg::Color as SvgColor, types::QrError as Refusal,
};

/// Light modules around the code (ISO/IEC 18004 6.3.8).
const QUIET: usize = 4;

/// UTF-8 as an Extended Channel Interpretation (AIM ITS/04-023).
const UTF_8: u32 = 26;

/// Pixels of a module in a PNG.
const SCALE: usize = 8;

/// How a network is protected, as far as who joins must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinSecurity {
    /// By a passphrase: WPA2, WPA3 or both.
    Personal,
    /// By a passphrase and SAE alone.
    SaeOnly,
    /// Not at all.
    Open,
}

impl JoinSecurity {
    /// Of a network with this passphrase whose channel's centre is at `frequency` MHz: 6 GHz knows SAE alone
    /// (IEEE Std 802.11-2020 12.12.2), below it every mode of airlens offers PSK too.
    #[must_use]
    pub fn of(passphrase: &str, frequency: u32) -> Self {
        match (passphrase, frequency) {
            ("", _) => Self::Open,
            (_, 5_925..=7_125) => Self::SaeOnly,
            _ => Self::Personal,
        }
    }
}

/// A text that no QR code holds: more than 2,331 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{octets} octets are too many for a QR code: it holds 2331")]
pub struct QrError {
    /// Its length.
    octets: usize,
}

/// What a phone reads to join: `WIFI:S:Profiler 056;T:WPA;P:profiler;;`.
///
/// `T:WPA` says "by passphrase" and stands for WPA3 too: the specification knows no other value, and readers refuse `T:SAE`
/// (zxing `WifiConfigManager`, zxing discussion 1491). `R:1`, Transition Disable for WPA3-Personal, says that it is SAE alone.
#[must_use]
pub fn join_text(ssid: &str, passphrase: &str, security: JoinSecurity) -> String {
    let kind = match security {
        JoinSecurity::Personal => "T:WPA;",
        JoinSecurity::SaeOnly => "T:WPA;R:1;",
        JoinSecurity::Open => "T:nopass;",
    };
    let secret = match security {
        JoinSecurity::Open => String::new(),
        _ => format!("P:{};", escaped(passphrase)),
    };
    format!("WIFI:S:{};{kind}{secret};", escaped(ssid))
}

fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        if matches!(letter, '\\' | ';' | ',' | ':' | '"') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

/// The code as an SVG document: black on white, quiet zone included.
///
/// # Errors
/// The text is too long.
pub fn svg(text: &str) -> Result<String, QrError> {
    let code = encode(text)?;
    Ok(code
        .render::<SvgColor<'_>>()
        .module_dimensions(SCALE as u32, SCALE as u32)
        .build())
}

/// The code as a PNG of one bit a pixel, 8 × 8 pixels a module, quiet zone included.
///
/// # Errors
/// The text is too long.
pub fn png(text: &str) -> Result<Vec<u8>, QrError> {
    let modules = Modules::of(text)?;
    let pixels = modules.side * SCALE;
    let mut image = Vec::with_capacity(pixels * pixels.div_ceil(8));
    for y in 0..pixels {
        // A module is an octet wide.
        image.extend((0..modules.side).map(|x| if modules.is_dark(x, y / SCALE) { 0 } else { 0xff }));
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels as u32, pixels as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    // Into memory, of the size that was said: it can't fail.
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&image));
    debug_assert!(written.is_ok(), "{written:?}");
    Ok(file)
}

/// What a terminal writes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Bright letters on a dark ground.
    Dark,
    /// Dark letters on a bright ground.
    Light,
}

/// The code in half blocks, a line for two rows of modules, quiet zone included, without escape codes: what it draws is the
/// light modules on a dark background, the dark ones on a light one.
///
/// # Errors
/// The text is too long.
pub fn terminal(text: &str, background: Background) -> Result<String, QrError> {
    let modules = Modules::of(text)?;
    let drawn = |x, y| y < modules.side && (modules.is_dark(x, y) == (background == Background::Light));
    let mut lines = String::new();
    for y in (0..modules.side).step_by(2) {
        lines.extend((0..modules.side).map(|x| match (drawn(x, y), drawn(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        lines.push('\n');
    }
    Ok(lines)
}

/// The code in two columns of ASCII a module, as [`terminal`] otherwise.
///
/// # Errors
/// The text is too long.
pub fn ascii(text: &str, background: Background) -> Result<String, QrError> {
    let modules = Modules::of(text)?;
    let mut lines = String::new();
    for y in 0..modules.side {
        for x in 0..modules.side {
            let drawn = modules.is_dark(x, y) == (background == Background::Light);
            lines.push_str(if drawn { "##" } else { "  " });
        }
        lines.push('\n');
    }
    Ok(lines)
}

/// With the medium error correction: 15 % of a screen may mirror the room.
fn encode(text: &str) -> Result<QrCode, QrError> {
    let code = if text.is_ascii() {
        QrCode::with_error_correction_level(text, EcLevel::M)
    } else {
        as_utf8(text)
    };
    code.map_err(|_: Refusal| QrError { octets: text.len() })
}

/// Octets that say of themselves that they are UTF-8: without, readers guess, and what looks like Shift JIS would even be
/// written as Kanji (ISO/IEC 18004 7.4.6).
fn as_utf8(text: &str) -> QrResult<QrCode> {
    let made = |version| {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_eci_designator(UTF_8)?;
        bits.push_byte_data(text.as_bytes())?;
        bits.push_terminator(EcLevel::M)?;
        QrCode::with_bits(bits, EcLevel::M)
    };
    // The smallest that it fits into.
    (1..=40)
        .map(made)
        .find(Result::is_ok)
        .unwrap_or(Err(Refusal::DataTooLong))
}

/// Modules with the quiet zone.
struct Modules {
    side: usize,
    code: QrCode,
}

impl Modules {
    fn of(text: &str) -> Result<Self, QrError> {
        let code = encode(text)?;
        Ok(Self {
            side: code.width() + 2 * QUIET,
            code,
        })
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = QUIET..QUIET + self.code.width();
        inside.contains(&x) && inside.contains(&y) && self.code[(x - QUIET, y - QUIET)] == Color::Dark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_give_the_string_of_wlanpi_profilers_document() {
        let text = join_text("Profiler 056", "profiler", JoinSecurity::of("profiler", 5180));
        assert_eq!(text, "WIFI:S:Profiler 056;T:WPA;P:profiler;;");
        let text = join_text("Profiler 056", "profiler", JoinSecurity::of("profiler", 5955));
        assert_eq!(text, "WIFI:S:Profiler 056;T:WPA;R:1;P:profiler;;");
        let text = join_text("café", "", JoinSecurity::of("", 2437));
        assert_eq!(text, "WIFI:S:café;T:nopass;;");
    }

    #[test]
    fn what_the_format_uses_is_escaped() {
        let text = join_text(r#"a\b;c,d:e"f"#, ";;:", JoinSecurity::Personal);
        assert_eq!(text, r#"WIFI:S:a\\b\;c\,d\:e\"f;T:WPA;P:\;\;\:;;"#);
    }

    #[test]
    fn every_network_has_a_code_and_a_novel_has_none() {
        let longest = join_text(&"\u{fffd}".repeat(32), &";".repeat(63), JoinSecurity::SaeOnly);
        assert!(svg(&longest).is_ok() && png(&longest).is_ok());
        assert!(terminal(&longest, Background::Dark).is_ok() && ascii(&longest, Background::Dark).is_ok());
        let error = svg(&"x".repeat(2332)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "2332 octets are too many for a QR code: it holds 2331"
        );
    }

    #[test]
    fn backgrounds_are_opposites_and_the_quiet_zone_is_light() {
        let of = |background| ascii("WIFI:S:x;;", background).unwrap();
        let (dark, light) = (of(Background::Dark), of(Background::Light));
        let swapped = |letter| match letter {
            '#' => ' ',
            ' ' => '#',
            other => other,
        };
        assert_eq!(dark.chars().map(swapped).collect::<String>(), light);
        assert!(light.lines().take(4).all(|line| line.trim().is_empty()));
        let blocks = terminal("WIFI:S:x;;", Background::Dark).unwrap();
        assert!(
            blocks
                .lines()
                .take(2)
                .all(|line| line.chars().all(|block| block == '█'))
        );
        assert_eq!(blocks.lines().count(), dark.lines().count().div_ceil(2));
    }
}
