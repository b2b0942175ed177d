//! Mouse and keys.

use anyhow::{Result, bail, ensure};
use serde_json::json;

use super::Browser;

impl Browser {
    /// Clicks into the middle of the first element that a selector finds, as a mouse does.
    ///
    /// # Errors
    ///
    /// There is none, or something covers it.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        self.click_slowly(selector, |_| Ok(()))
    }

    /// The same; something happens while the button is down.
    ///
    /// # Errors
    ///
    /// As [`Self::click`].
    pub fn click_slowly(&mut self, selector: &str, meanwhile: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let selector = json!(selector);
        let place = self.value(&format!(
            "(() => {{ const one = document.querySelector({selector}); if (!one) return null; \
             one.scrollIntoView({{ block: 'nearest' }}); const box = one.getBoundingClientRect(); \
             const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]; const there = document.elementFromPoint(x, y); \
             return {{ x, y, free: one.contains(there) || there?.contains(one) === true }}; }})()"
        ))?;
        ensure!(place["free"] == true, "{selector} can't be clicked: {place}");
        let event = |kind| json!({ "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1 });
        self.tell("Input.dispatchMouseEvent", &event("mousePressed"))?;
        meanwhile(self)?;
        self.tell("Input.dispatchMouseEvent", &event("mouseReleased"))?;
        Ok(())
    }

    /// Presses a key by its name: `Tab`, `Enter`, `ArrowDown`.
    ///
    /// # Errors
    ///
    /// The browser is gone.
    pub fn press(&mut self, key: &str) -> Result<()> {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowUp" => 38,
            "ArrowDown" => 40,
            _ => bail!("no code for the key {key}"),
        };
        let mut event = json!({ "type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code });
        if key == "Enter" {
            event["text"] = json!("\r");
        }
        self.tell("Input.dispatchKeyEvent", &event)?;
        let event = json!({ "type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code });
        self.tell("Input.dispatchKeyEvent", &event)?;
        Ok(())
    }

    /// Types text where the focus is.
    ///
    /// # Errors
    ///
    /// The browser is gone.
    pub fn write(&mut self, text: &str) -> Result<()> {
        self.tell("Input.insertText", &json!({ "text": text }))?;
        Ok(())
    }
}
