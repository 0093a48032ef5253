// Runs before the first paint, so that no theme flashes. A classic script on purpose: modules are deferred.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("coach.theme");
  } catch {
    // Storage may be forbidden; the system's theme then applies.
  }
  if (theme !== "light" && theme !== "dark") theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = theme;
})();
