// What went over the data channel, newest last, bounded, without secrets and without sound. Pure.

const LIMIT = 500;
const MAX_TEXT = 2_000;

export function createLog(now = () => new Date()) {
  const entries = [];
  return {
    entries,
    /** Adds an event that was `sent` or `received`; returns its entry. */
    add(direction, event) {
      const entry = { at: now().toISOString(), direction, type: event.type, event: clean(event) };
      entries.push(entry);
      if (entries.length > LIMIT) entries.shift();
      return entry;
    },
    matching: ({ text = '', direction = 'all' }) => entries.filter((entry) => matches(entry, text, direction)),
    clear: () => (entries.length = 0),
    toJson: () => JSON.stringify(entries, null, 2),
  };
}

export const matches = (entry, text, direction) =>
  (direction === 'all' || entry.direction === direction) && entry.type.includes(text.trim().toLowerCase());

/** The same value with ephemeral secrets masked and long texts (sound, mostly) cut. */
function clean(value) {
  if (typeof value === 'string') {
    const masked = value.replace(/ek_[\w.~+/=-]+/g, 'ek…');
    return masked.length > MAX_TEXT ? `${masked.slice(0, MAX_TEXT)}… (${masked.length} characters)` : masked;
  }

  if (Array.isArray(value)) return value.map(clean);
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, clean(member)]));
  return value;
}
