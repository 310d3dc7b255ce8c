/* After the sheet was read the page goes to its preview. */

document.addEventListener('upload:done', (event) => {
  const { url } = event.detail || {};
  if (url) location.assign(url);
});
