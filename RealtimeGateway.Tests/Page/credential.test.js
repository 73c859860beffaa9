import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';
import { askPersonWith } from '../../wwwroot/credential.js';
import { offers } from '../../wwwroot/gateway.js';

globalThis.document = new EventTarget();
let shown;
let asked;

beforeEach(() => {
  shown = [];
  asked = [];
});

globalThis.fetch = async (url, { headers }) => {
  shown.push(new Headers(headers).get('authorization')); // which throws, as a browser does, for what no header can carry
  return shown.at(-1) === 'Bearer rgk_right' ? Response.json({ profiles: [] }) : Response.json({ error: { code: 'unauthorized' } }, { status: 401 });
};

/** The person gives these, one after the other, and then nothing. */
const gives = (...values) => askPersonWith(async ({ refused }) => {
  asked.push(refused);
  return values.shift() ?? null;
});

test('Who gives nothing but what cannot be sent is told so in the end, and asked again the next time', async () => {
  gives(...Array(9).fill('rgk_ri\u200bght'));
  await assert.rejects(offers(), { name: 'Trouble', code: 'unauthorized' });
  gives();
  await assert.rejects(offers(), { name: 'Trouble', code: 'unauthorized' });
  assert.ok(asked.length > 1);
});

test('What has a character in it that no credential has is sent nowhere, and asked for again as a refused one is', async () => {
  gives('rgk_ri\u200bght', 'rgk_rìght', 'rgk_ right', '\ufeffrgk_right\n');
  assert.deepEqual(await offers(), { profiles: [] });
  assert.deepEqual(asked, [false, true, true, true]);
  assert.deepEqual(shown, [null, null, null, null, 'Bearer rgk_right']);
});
