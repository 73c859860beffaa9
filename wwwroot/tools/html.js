// What the model may read of the page: the markup without what people said, typed or logged.

const LIMIT = 16 * 1024; // bytes; a data channel message has to stay small, and every byte is paid as tokens

/** `{ html }`, with `truncated: true` when it did not fit. */
export function htmlOf(element, limit = LIMIT) {
  const copy = element.cloneNode(true);
  for (const part of copy.querySelectorAll('[data-private], script, iframe')) part.remove();
  for (const field of copy.querySelectorAll('input, textarea')) {
    field.removeAttribute('value');
    field.textContent = '';
  }
  return fit(copy.outerHTML.replace(/\s+/g, ' '), limit);
}

function fit(html, limit) {
  const bytes = new TextEncoder().encode(html);
  if (bytes.length <= limit) return { html };
  // A character that was cut in half is left out.
  return { html: new TextDecoder().decode(bytes.subarray(0, limit), { stream: true }), truncated: true };
}
