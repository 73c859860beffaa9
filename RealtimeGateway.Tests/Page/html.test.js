import assert from 'node:assert/strict';
import test from 'node:test';
import { htmlOf } from '../../wwwroot/tools/html.js';

/** As much of an element as reading a page takes: tag and attribute selectors, copies, markup. */
class FakeElement {
  constructor(tag, attributes = {}, ...children) {
    Object.assign(this, { tag, attributes, children });
  }

  cloneNode(isDeep) {
    const children = isDeep ? this.children.map((child) => child.cloneNode?.(true) ?? child) : [];
    return new FakeElement(this.tag, { ...this.attributes }, ...children);
  }

  querySelectorAll(selectors) {
    const isMatch = (element) => selectors.split(', ').some((one) => (one.startsWith('[') ? one.slice(1, -1) in element.attributes : one === element.tag));
    const inner = this.children.filter((child) => child instanceof FakeElement);
    for (const child of inner) child.remove = () => this.children.splice(this.children.indexOf(child), 1);
    return inner.flatMap((child) => [...(isMatch(child) ? [child] : []), ...child.querySelectorAll(selectors)]);
  }

  removeAttribute(name) {
    delete this.attributes[name];
  }

  set textContent(text) {
    this.children = text ? [text] : [];
  }

  get outerHTML() {
    const attributes = Object.entries(this.attributes).map(([name, value]) => ` ${name}="${value}"`).join('');
    return `<${this.tag}${attributes}>${this.children.map((child) => child.outerHTML ?? child).join('')}</${this.tag}>`;
  }
}

const element = (tag, attributes, ...children) => new FakeElement(tag, attributes, ...children);

test('The model reads the markup, with runs of white space as one', () => {
  assert.deepEqual(htmlOf(element('main', {}, '\n    ', element('h1', { id: 'title' }, 'Talk   to the page.'), '\n')),
    { html: '<main> <h1 id="title">Talk to the page.</h1> </main>' });
});

const left = [
  ['what is private', element('section', { 'data-private': '' }, element('li', {}, 'what was said'))],
  ['scripts', element('script', {}, 'what was said')],
  ['frames', element('iframe', { src: 'what was said' })],
];

for (const [what, part] of left) {
  test(`The model does not read ${what}, however deep`, () => {
    assert.deepEqual(htmlOf(element('main', {}, element('div', {}, part), 'x')), { html: '<main><div></div>x</main>' });
  });
}

test('The model does not read what was typed', () => {
  const page = element('main', {}, element('input', { id: 'a', value: 'my words' }), element('form', {}, element('textarea', {}, 'my words')));
  assert.deepEqual(htmlOf(page), { html: '<main><input id="a"></input><form><textarea></textarea></form></main>' });
});

test('The page itself stays as it is', () => {
  const page = element('main', {}, element('ol', { 'data-private': '' }, 'x'), element('input', { value: 'my words' }));
  const before = page.outerHTML;
  htmlOf(page);
  assert.equal(page.outerHTML, before);
});

test('16 KiB are read whole, one byte more is cut and says so', () => {
  const frame = '<main></main>'.length;
  assert.deepEqual(htmlOf(element('main', {}, 'x'.repeat(16_384 - frame))), { html: `<main>${'x'.repeat(16_384 - frame)}</main>` });
  const { html, truncated } = htmlOf(element('main', {}, 'x'.repeat(16_385 - frame)));
  assert.equal(truncated, true);
  assert.equal(html.length, 16_384);
});

const cuts = [[7, '<main>a'], [8, '<main>a'], [9, '<main>aü'], [10, '<main>aü'], [12, '<main>aü'], [13, '<main>aü😀']];

for (const [limit, html] of cuts) {
  test(`Cut at ${limit} bytes, no character is cut in half`, () => assert.deepEqual(htmlOf(element('main', {}, 'aü😀'), limit), { html, truncated: true }));
}
