// Shows the transcript as it grows: one list item an entry, changed in place.
import { elements } from './elements.js';

const names = { you: 'You', model: 'Model', tool: 'Tool', notice: 'Notice' };
const items = new Map();

export function showEntry(entry) {
  const atEnd = isAtEnd();
  const item = items.get(entry.id) ?? append(entry);
  item.dataset.done = entry.done;
  item.classList.toggle('interrupted', entry.interrupted);
  if (entry.who === 'tool') showTool(item, entry);
  else item.querySelector('.words').textContent = entry.text || (entry.done ? '(spoken)' : '…');
  item.querySelector('.aside').textContent = entry.interrupted ? 'interrupted' : '';
  if (entry.done && !item.dataset.announced) announce(item, entry);
  if (atEnd) elements.transcript.scrollTop = elements.transcript.scrollHeight;
}

export function clearConversation() {
  items.clear();
  elements.transcript.replaceChildren();
}

function append(entry) {
  const item = document.createElement('li');
  item.className = entry.who;
  item.append(part('span', 'who', names[entry.who]), part('span', 'words'), part('span', 'aside'));
  items.set(entry.id, item);
  elements.transcript.append(item);
  return item;
}

function showTool(item, { name, text, result, ok }) {
  item.dataset.ok = ok ?? 'running';
  item.querySelector('.words').replaceChildren(part('code', '', `${name}(${text && text !== '{}' ? text : ''})`), part('code', 'result', result === undefined ? '…' : shorten(result)));
}

// A screen reader hears whole turns, not words as they arrive.
function announce(item, { who, name, text, ok, interrupted }) {
  item.dataset.announced = '';
  const words = who === 'tool' ? `${name} ${ok ? 'done' : 'failed'}` : text;
  elements.announcer.textContent = `${names[who]}: ${words}${interrupted ? ', interrupted' : ''}`;
}

function part(tag, className, text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

const shorten = (text) => (text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text);

function isAtEnd() {
  const { scrollTop, clientHeight, scrollHeight } = elements.transcript;
  return scrollHeight - scrollTop - clientHeight < 40;
}
