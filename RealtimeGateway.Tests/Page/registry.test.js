import assert from 'node:assert/strict';
import test from 'node:test';
import { runTool } from '../../wwwroot/tools/registry.js';

const tools = {
  paint: { parameters: { color: (value, name) => (value === 'blue' ? null : `${name} must be blue.`) }, run: ({ color }) => ({ changed: color }) },
  read: { parameters: {}, run: async () => ({ html: '<main></main>' }) },
  quiet: { parameters: {}, run: () => undefined },
  fail: { parameters: {}, run: () => { throw new Error('No ink.'); } },
  reject: { parameters: {}, run: () => Promise.reject(new Error('No paper.')) },
  parse: { parameters: {}, run: () => JSON.parse('{') },
  odd: { parameters: {}, run: () => { throw null; } },
  endless: { parameters: {}, run: () => { const ring = {}; return (ring.ring = ring); } },
};

const answered = [
  ['paint', '{"color":"blue"}', '{"changed":"blue"}'], ['read', '{}', '{"html":"<main></main>"}'], ['read', '', '{"html":"<main></main>"}'],
  ['read', undefined, '{"html":"<main></main>"}'], ['quiet', '{}', 'null'],
];

for (const [name, text, output] of answered) {
  test(`${name}(${text}) gives the model ${output}`, async () => assert.deepEqual(await runTool(tools, { name, arguments: text }), { ok: true, output }));
}

const names = Object.keys(tools).join(', ');
const refused = [
  ['sing', '{}', `There is no tool sing. The tools are ${names}.`],
  ['toString', '{}', `There is no tool toString. The tools are ${names}.`],
  ['__proto__', '{}', `There is no tool __proto__. The tools are ${names}.`],
  ['paint', '{"color":', 'The arguments are not valid JSON.'],
  ['paint', 'blue', 'The arguments are not valid JSON.'],
  ['paint', '["blue"]', 'The arguments are not a JSON object.'],
  ['paint', 'null', 'The arguments are not a JSON object.'],
  ['paint', '"blue"', 'The arguments are not a JSON object.'],
  ['paint', '{}', 'color must be blue.'],
  ['paint', '{"color":"red"}', 'color must be blue.'],
  ['paint', '{"color":"blue","size":1}', 'There is no parameter size.'],
  ['paint', '{"color":"blue","toString":1}', 'There is no parameter toString.'],
  ['paint', '{"color":"blue","__proto__":{}}', 'There is no parameter __proto__.'],
  ['fail', '{}', 'The tool failed: No ink.'],
  ['reject', '{}', 'The tool failed: No paper.'],
  ['odd', '{}', 'The tool failed: null'],
];

for (const [name, text, message] of refused) {
  test(`${name}(${text}) tells the model: ${message}`, async () => {
    assert.deepEqual(await runTool(tools, { name, arguments: text }), { ok: false, output: JSON.stringify({ error: message }) });
  });
}

for (const name of ['parse', 'endless']) {
  test(`What goes wrong inside ${name} is the tool’s failure, not the arguments’`, async () => {
    const { ok, output } = await runTool(tools, { name, arguments: '{}' });
    assert.equal(ok, false);
    assert.match(JSON.parse(output).error, /^The tool failed: /);
  });
}
