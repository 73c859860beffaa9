// What can be chosen before a call: profile, way, model and voice as the server allows, and a microphone.
import { elements } from './elements.js';

let profiles = [];
let locked = false;
const ways = new Map(); // profile → the way that the person chose for it
const relayOnly = new Set(); // profiles that turned out to refuse direct connections

export function showProfiles(offered) {
  profiles = offered;
  fill(elements.profile, profiles.map((profile) => profile.name));
  elements.profileField.hidden = profiles.length < 2;
  showProfile();
}

elements.profile.addEventListener('input', showProfile);
elements.way.addEventListener('input', () => {
  ways.set(current().name, elements.way.value);
  showWay();
});

/** `{ profile, way, choice }`: the choice holds only what this profile lets the caller set. */
export function chosen() {
  const profile = current();
  const choice = {};
  for (const member of ['model', 'voice']) if (may(profile, member)) choice[member] = elements[member].value;
  return { profile: profile.name, way: elements.way.value, choice };
}

/** The chosen profile has refused a direct connection: from now on it is not offered for it. */
export function refuseDirect() {
  const { name } = current();
  relayOnly.add(name);
  ways.set(name, 'relay');
  showWay();
}

/** Lists the microphones; their names are known once the person has allowed one. */
export async function showMicrophones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const known = devices.filter((device) => device.kind === 'audioinput' && device.deviceId && device.deviceId !== 'default');
  const selected = elements.microphone.value;
  elements.microphone.replaceChildren(new Option('Default', ''), ...known.map((device) => new Option(device.label || 'Microphone', device.deviceId)));
  if (known.some((device) => device.deviceId === selected)) elements.microphone.value = selected;
}

/** All but the microphone belongs to a session: it is fixed while there is one. The way makes room for the call meanwhile. */
export function lockChoices(isLocked) {
  locked = isLocked;
  elements.profile.disabled = locked;
  elements.way.disabled = !current();
  elements.wayField.hidden = elements.wayHint.hidden = locked;
  for (const member of ['model', 'voice']) elements[member].disabled = locked || !may(current(), member);
}

function showProfile() {
  const profile = current();
  if (!profile) return;
  fill(elements.voice, profile.voices, profile.voice);
  fill(elements.model, profile.models);
  showWay();
  lockChoices(locked);
}

// A call through the gateway is the profile's, whole: what would have no effect is not offered.
function showWay() {
  const { name, way, models, voice } = current();
  elements.direct.disabled = relayOnly.has(name);
  elements.way.value = ways.get(name) ?? way;
  const isRelay = elements.way.value === 'relay';
  elements.voiceField.hidden = isRelay;
  elements.modelField.hidden = isRelay || models.length < 2;
  elements.wayHint.textContent = isRelay
    ? `No secret comes to this page. The profile decides: ${models[0]}, voice ${voice}.`
    : 'This page gets a short-lived secret.';
}

const current = () => profiles.find((profile) => profile.name === elements.profile.value) ?? profiles[0];
const may = (profile, member) => profile?.clientMaySet.includes(member) ?? false;
const fill = (select, values, selected = values[0]) => select.replaceChildren(...values.map((value) => new Option(value, value, false, value === selected)));
