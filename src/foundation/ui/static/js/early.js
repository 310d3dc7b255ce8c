/* Runs before the page is drawn, in any browser: what is pressed before the modules have run is kept and done when they
   have. Without it a button would act unasked, and a key would be lost, on a slow line or a busy computer. */
(function () {
  var root = document.documentElement;
  var pressed = null;
  var struck = null;

  function onClick(event) {
    var target = event.target.closest && event.target.closest('button, input[type=submit], a[data-confirm]');
    if (!target) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed = target;
    root.classList.add('is-holding');
  }

  function onKey(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) { return; }
    struck = { target: event.target, key: event.key };
  }

  window.addEventListener('click', onClick, true);
  window.addEventListener('keydown', onKey, true);
  /* The browser sends it when all modules of the page have run (or could not be fetched). */
  document.addEventListener('DOMContentLoaded', function () {
    window.removeEventListener('click', onClick, true);
    window.removeEventListener('keydown', onKey, true);
    root.classList.remove('is-holding');
    if (pressed) {
      pressed.click();
    } else if (struck && root.contains(struck.target)) {
      struck.target.dispatchEvent(new KeyboardEvent('keydown', { key: struck.key, bubbles: true, cancelable: true }));
    }
  });
})();
