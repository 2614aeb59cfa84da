// Chooses light or dark before the first paint. A file of its own because the content security
// policy allows no inline script, and not a module because modules run after the first paint.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem('photostore.theme');
  } catch {
    // Storage may be blocked: then the system's choice is used.
  }
  var dark =
    choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
