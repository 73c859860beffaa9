// Shows the event log while its panel is open, and saves it.
import { matches } from '../call/log.js';
import { elements } from './elements.js';

const { log: list, logPanel, logText, logDirection, logCount, logSave, logClear } = elements;

export function showLog(log) {
  const isShown = (entry) => matches(entry, logText.value, logDirection.value);
  const render = () => {
    logCount.textContent = `(${log.entries.length})`;
    if (logPanel.open) list.replaceChildren(...log.entries.filter(isShown).map(row));
  };
  logPanel.addEventListener('toggle', render);
  logText.addEventListener('input', render);
  logDirection.addEventListener('input', render);
  logSave.addEventListener('click', () => save(log.toJson()));
  logClear.addEventListener('click', () => {
    log.clear();
    render();
  });

  return (direction, event) => {
    const entry = log.add(direction, event);
    logCount.textContent = `(${log.entries.length})`;
    if (!logPanel.open || !isShown(entry)) return;
    list.append(row(entry));
    while (list.childElementCount > log.entries.length) list.firstElementChild.remove();
  };
}

function row({ at, direction, type, event }) {
  const item = document.createElement('li');
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = `${at.slice(11, 23)} ${direction === 'sent' ? '↑' : '↓'} ${type}`;
  const json = document.createElement('pre');
  json.textContent = JSON.stringify(event, null, 2);
  details.append(summary, json);
  item.append(details);
  return item;
}

function save(json) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  link.download = 'events.json';
  link.click();
  URL.revokeObjectURL(link.href);
}
