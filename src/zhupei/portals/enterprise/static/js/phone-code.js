/* The SMS code is asked for only while the phone differs from the one on file. */

for (const part of document.querySelectorAll('[data-when-changed]')) {
  const field = part.closest('form').elements[part.dataset.whenChanged];
  const follow = () => { part.hidden = field.value.replace(/\D/g, '') === part.dataset.original; };
  field.addEventListener('input', follow);
  follow();
}
