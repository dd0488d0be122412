"use strict";
// Runs before the first paint, so that the page does not flash in the other theme.
{
  let theme = null;
  try { theme = localStorage.getItem("theme"); } catch { /* storage may be off */ }
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
}
