/* Runs in any browser, however old: shows the notice where the style sheet or the modules cannot work. */
(function () {
  var able = 'noModule' in document.createElement('script') && window.CSS && CSS.supports &&
    CSS.supports('color', 'color-mix(in srgb, red, blue)') && 'HTMLDialogElement' in window;
  if (!able) {
    var notice = document.getElementById('old-browser');
    if (notice) { notice.removeAttribute('hidden'); }
  }
})();
