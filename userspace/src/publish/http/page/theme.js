// Before the first paint: the colours that were chosen here, if any.
try {
  const chosen = localStorage.getItem("airlens-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is off: the system's colours.
}
