// Composes the page: one call at a time, shown as it goes.
import { placeCall } from './call/call.js';
import { direct } from './call/direct.js';
import { canonical } from './call/events.js';
import { createLog } from './call/log.js';
import { openMicrophone, release } from './call/microphone.js';
import { measure } from './call/quality.js';
import { relay } from './call/relay.js';
import { startReports } from './call/reports.js';
import { next } from './call/state.js';
import { createTranscript } from './call/transcript.js';
import { troubles } from './call/troubles.js';
import { createTurns } from './call/turns.js';
import { askPersonWith } from './credential.js';
import { beginCall, hangUp, mint, offers, report } from './gateway.js';
import { onColours, resetColours } from './tools/colours.js';
import { runTool } from './tools/registry.js';
import { tools } from './tools/tools.js';
import { askForCredential } from './view/ask.js';
import { chosen, lockChoices, refuseDirect, showMicrophones, showProfiles } from './view/choices.js';
import { clearConversation, showEntry } from './view/conversation.js';
import { elements } from './view/elements.js';
import { clearFigures, showQuality, startWatch } from './view/figures.js';
import { drawLine, paint } from './view/line.js';
import { showLog } from './view/log.js';

let state = 'idle';
let call = null;
let turns = null;
let peer; // the simulated model's address, '' with a real upstream; not known before the first answer
let attempt = 0; // a step that comes late belongs to a call that is over

const transcript = createTranscript(showEntry);
const log = showLog(createLog());

const words = {
  idle: '',
  connecting: 'Connecting…',
  live: 'Live. Speak, or type.',
  ending: 'Ending…',
  failed: '',
};

function change(event) {
  state = next(state, event);
  elements.body.dataset.state = state;
  elements.status.textContent = words[state];
  const busy = state === 'connecting' || state === 'live';
  const focusIsLost = !busy && [elements.stop, elements.words, elements.mute].includes(document.activeElement);
  elements.start.hidden = busy;
  elements.stop.hidden = !busy;
  elements.mute.hidden = state !== 'live' || !call?.microphone;
  elements.words.disabled = elements.send.disabled = state !== 'live';
  for (const idea of elements.ideas.querySelectorAll('button')) idea.disabled = state !== 'live';
  elements.trouble.hidden = state !== 'failed';
  lockChoices(busy);
  if (focusIsLost) elements.start.focus();
}

/** Starts a call; `typeOnly` does without a microphone. */
async function start({ typeOnly = false } = {}) {
  if (next(state, 'start') !== 'connecting') return;
  change('start');
  const mine = ++attempt;
  const startedAt = performance.now();
  clearFigures();
  clearConversation();
  transcript.clear();
  elements.stop.focus();
  let stream = null;
  try {
    if (peer === undefined) await load();
    if (mine !== attempt) return;
    if (!window.RTCPeerConnection) throw troubles.noWebRtc();
    if (!typeOnly) stream = await openMicrophone(elements.microphone.value);
    if (mine !== attempt) return release(stream);
    if (stream) void showMicrophones();
    begin(stream, startedAt);
  } catch (error) {
    release(stream);
    if (mine === attempt) fail(error);
  }
}

function begin(stream, startedAt) {
  const line = drawLine({ you: stream, model: null });
  const watch = startWatch(startedAt);
  try {
    place(stream, line, watch);
  } catch (error) {
    watch.stop();
    line.stop();
    throw error;
  }
}

function place(stream, line, watch) {
  const choices = chosen();
  const reports = startReports(choices, report);
  let endMeasuring = () => {};
  const placed = placeCall({ way: wayOf(choices, reports.admitted), stream, peer }, {
    opened() {
      change('opened');
      showMute();
      reports.opened();
      endMeasuring = measure(placed.connection, (reading) => {
        showQuality(reading);
        reports.take(reading);
      });
      turns.greet();
      elements.words.focus();
    },
    sent: (event) => log('sent', event),
    event(event) {
      log('received', event);
      const heard = canonical(event);
      hear(heard);
      watch.hear(heard);
      reports.hear(heard);
    },
    track(voice) {
      elements.audio.srcObject = voice;
      line.listen('model', voice);
    },
    steady(isSteady) {
      if (state === 'live') elements.status.textContent = isSteady ? words.live : 'The connection is unsteady…';
    },
    ended(trouble) {
      endMeasuring();
      reports.end(trouble);
      watch.stop();
      line.stop();
      elements.audio.srcObject = null;
      call = turns = null;
      if (trouble) return fail(trouble);
      change('stop');
      change('ended');
    },
  });
  turns = createTurns(placed.send);
  call = { ...placed, microphone: stream, line };
  noticeLoss(stream);
}

function wayOf({ profile, way, choice }, admitted) {
  const noted = async (asking) => {
    const granted = await asking;
    admitted();
    return granted;
  };
  return way === 'relay' ? relay((offer, signal) => noted(beginCall(profile, offer, signal)), hangUp) : direct((signal) => noted(mint(profile, choice, signal)));
}

/** A microphone that is unplugged ends its track; one that we stop does not say so. */
function noticeLoss(stream) {
  stream?.getAudioTracks()[0].addEventListener('ended', () => {
    if (call?.microphone === stream) elements.status.textContent = 'The microphone is gone. Choose another one, or type.';
  });
}

function stop() {
  attempt++;
  if (call) return call.stop();
  change('stop');
  change('ended');
}

function fail(error) {
  const trouble = error.name === 'Trouble' ? error : { code: 'failed', message: `Something went wrong: ${error.message}` };
  change('fail');
  if (trouble.code === 'relay_only') refuseDirect();
  elements.troubleText.textContent = trouble.message;
  elements.trouble.dataset.code = trouble.code;
  elements.typeOnly.hidden = !/microphone|insecure/.test(trouble.code);
  elements.again.textContent = trouble.code === 'lost' || trouble.code === 'closed' ? 'Reconnect' : 'Start again';
  elements.again.focus();
}

function hear(event) {
  transcript.hear(event);
  const myTurns = turns;
  if (!myTurns) return;
  for (const wanted of myTurns.callsIn(event)) void answer(wanted, myTurns);
  myTurns.hear(event);
}

async function answer(wanted, myTurns) {
  transcript.toolStarted(wanted);
  const result = await runTool(tools, wanted);
  transcript.toolFinished(wanted.call_id, result);
  myTurns.answer(wanted.call_id, result.output);
}

function say(text) {
  if (state !== 'live' || !text.trim()) return;
  turns.say(text.trim());
}

function toggleMute() {
  const track = call?.microphone?.getAudioTracks()[0];
  if (!track) return;
  track.enabled = !track.enabled;
  showMute();
}

function showMute() {
  const isMuted = call?.microphone?.getAudioTracks()[0].enabled === false;
  elements.mute.dataset.muted = isMuted;
  elements.mute.textContent = isMuted ? 'Unmute' : 'Mute';
}

async function changeMicrophone() {
  const mine = call;
  if (!mine?.microphone) return;
  const wanted = elements.microphone.value;
  try {
    const stream = await openMicrophone(wanted);
    if (wanted !== elements.microphone.value) return release(stream);
    stream.getAudioTracks()[0].enabled = mine.microphone.getAudioTracks()[0].enabled;
    mine.microphone = stream;
    noticeLoss(stream);
    await mine.useMicrophone(stream);
    if (mine !== call) return;
    mine.line.listen('you', stream);
    elements.status.textContent = words[state]; // not what was wrong with the last one
  } catch (error) {
    if (mine === call) elements.status.textContent = error.message;
  }
}

async function load() {
  const offered = await offers();
  if (offered.profiles.length === 0) throw troubles.noProfile();
  peer = offered.peer ?? '';
  showProfiles(offered.profiles);
}

elements.start.addEventListener('click', () => start());
elements.again.addEventListener('click', () => start());
elements.typeOnly.addEventListener('click', () => start({ typeOnly: true }));
elements.stop.addEventListener('click', stop);
elements.dismiss.addEventListener('click', () => {
  change('dismiss');
  elements.start.focus();
});
elements.mute.addEventListener('click', toggleMute);
elements.microphone.addEventListener('input', changeMicrophone);
navigator.mediaDevices?.addEventListener('devicechange', showMicrophones);
elements.reset.addEventListener('click', resetColours);
elements.composer.addEventListener('submit', (event) => {
  event.preventDefault();
  say(elements.words.value);
  elements.words.value = '';
});
elements.ideas.addEventListener('click', (event) => event.target.matches('button') && say(event.target.textContent));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => call || paint());
addEventListener('pagehide', stop);
onColours((areAsked) => {
  elements.reset.hidden = !areAsked;
  if (!call) paint();
});
askPersonWith(askForCredential);

paint();
change('dismiss');
load().then(showMicrophones).catch((error) => (elements.status.textContent = error.message));
