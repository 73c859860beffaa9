// Asks the person for a caller credential. The field is emptied at once; the value goes to whoever asked.
import { elements } from './elements.js';

export function askForCredential({ refused }) {
  const { credential: dialog, credentialText, credentialValue } = elements;
  credentialText.textContent = refused
    ? 'That access key or token was refused. It may be wrong, expired, or not meant for this gateway.'
    : 'This gateway serves known callers only. What you enter stays in this page’s memory until you close it.';
  credentialValue.value = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      const value = dialog.returnValue === 'give' ? credentialValue.value.trim() : '';
      credentialValue.value = '';
      dialog.returnValue = '';
      resolve(value || null);
    }, { once: true });
  });
}
