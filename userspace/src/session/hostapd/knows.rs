//! Whether a hostapd was built with 802.11be. It has no option that tells; started with what it does not know it ends, and a
//! start that fails takes as long as one that does not.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The names of settings stand in the program as they are (`hostapd_config_fill` in hostapd/config_file.c).
const SETTING: &[u8] = b"ieee80211be";

/// False only where the program can be read and has no such setting.
pub(super) fn knows_eht(program: &Path) -> bool {
    let Some(octets) = located(program).and_then(|path| fs::read(path).ok()) else {
        return true;
    };
    // Its 8 is rare in a program, which has millions of octets.
    let mut eights = octets.iter().enumerate().filter(|(_, octet)| **octet == b'8');
    eights.any(|(at, _)| {
        octets
            .get(at.wrapping_sub(4)..)
            .is_some_and(|from| from.starts_with(SETTING))
    })
}

/// As execvp(3) looks for it.
fn located(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return Some(program.to_owned());
    }
    let folders = env::var_os("PATH")?;
    let mut candidates = env::split_paths(&folders).map(|folder| folder.join(program));
    candidates.find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_tells() {
        let folder = tempfile::tempdir().unwrap();
        let with = |content: &str| {
            let program = folder.path().join("hostapd");
            fs::write(&program, content).unwrap();
            knows_eht(&program)
        };
        assert!(with("\0ieee80211ax\0ieee80211be\0"));
        assert!(!with("\0ieee80211ax\0"));
        assert!(knows_eht(&folder.path().join("nothing")));
    }
}
