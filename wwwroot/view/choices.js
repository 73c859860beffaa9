// What can be chosen before a call: profile, model and voice as the server allows, and a microphone.
import { elements } from './elements.js';

let profiles = [];

export function showProfiles(offered) {
  profiles = offered;
  fill(elements.profile, profiles.map((profile) => profile.name));
  elements.profileField.hidden = profiles.length < 2;
  showProfile();
}

elements.profile.addEventListener('input', showProfile);

/** `{ profile, choice }`: the choice holds only what this profile lets the caller set. */
export function chosen() {
  const profile = current();
  const choice = {};
  for (const member of ['model', 'voice']) if (may(profile, member)) choice[member] = elements[member].value;
  return { profile: profile.name, choice };
}

/** Lists the microphones; their names are known once the person has allowed one. */
export async function showMicrophones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const known = devices.filter((device) => device.kind === 'audioinput' && device.deviceId && device.deviceId !== 'default');
  const selected = elements.microphone.value;
  elements.microphone.replaceChildren(new Option('Default', ''), ...known.map((device) => new Option(device.label || 'Microphone', device.deviceId)));
  if (known.some((device) => device.deviceId === selected)) elements.microphone.value = selected;
}

/** Voice, model and profile belong to a session: they are fixed while there is one. */
export function lockChoices(isLocked) {
  elements.profile.disabled = isLocked;
  for (const member of ['model', 'voice']) elements[member].disabled = isLocked || !may(current(), member);
}

function showProfile() {
  const profile = current();
  if (!profile) return;
  fill(elements.voice, profile.voices, profile.voice);
  fill(elements.model, profile.models);
  elements.modelField.hidden = profile.models.length < 2;
  lockChoices(false);
}

const current = () => profiles.find((profile) => profile.name === elements.profile.value) ?? profiles[0];
const may = (profile, member) => profile?.clientMaySet.includes(member) ?? false;
const fill = (select, values, selected = values[0]) => select.replaceChildren(...values.map((value) => new Option(value, value, false, value === selected)));
