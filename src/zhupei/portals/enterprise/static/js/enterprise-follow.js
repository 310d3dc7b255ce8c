/* After an upload inside [data-follow] the page goes where the answer says. */

document.addEventListener('upload:done', (event) => {
  const { url } = event.detail || {};
  if (url && event.target.closest('[data-follow]')) location.assign(url);
});
