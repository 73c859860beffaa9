// Composes the page: mints a session and shows when its secret expires. The secret itself is not kept.
import { mint, profiles } from './gateway.js';

const view = {
  main: document.querySelector('main'),
  form: document.querySelector('form'),
  voice: document.querySelector('select[name=voice]'),
  button: document.querySelector('button'),
  status: document.querySelector('[role=status]'),
  session: document.querySelector('dl'),
  field: (name) => document.querySelector(`[data-field=${name}]`),
};

let countdown;
let profile;

function show(state, message) {
  view.main.dataset.state = state;
  view.status.textContent = message;
  view.button.disabled = state === 'minting';
  view.session.hidden = state !== 'minted';
}

function showExpiry(expiresAt) {
  const left = Math.max(0, Math.round(expiresAt - Date.now() / 1000));
  view.field('expires').textContent = left > 0 ? `in ${left} s` : 'now';
  if (left === 0) {
    clearInterval(countdown);
    show('expired', 'The secret has expired. Mint another one.');
  }
}

async function mintSession(event) {
  event.preventDefault();
  clearInterval(countdown);
  show('minting', 'Minting…');
  try {
    const session = await mint(profile.name, profile.clientMaySet.includes('voice') ? { voice: view.voice.value } : {});
    for (const name of ['id', 'model', 'voice']) view.field(name).textContent = session[name];
    show('minted', 'Minted.');
    showExpiry(session.expires_at);
    countdown = setInterval(() => showExpiry(session.expires_at), 1000);
  } catch (error) {
    show('failed', error.message);
  }
}

async function offerVoices() {
  try {
    [profile] = await profiles();
    view.voice.disabled = !profile.clientMaySet.includes('voice');
    view.voice.replaceChildren(...profile.voices.map((voice) => new Option(voice, voice, false, voice === profile.voice)));
  } catch (error) {
    show('failed', error.message);
  }
}

view.form.addEventListener('submit', mintSession);
await offerVoices();
