// The microphone, or a Trouble that says what to do.
import { microphoneTrouble, troubles } from './troubles.js';

export async function openMicrophone(deviceId) {
  if (!window.isSecureContext || !navigator.mediaDevices) throw troubles.insecure();
  const device = deviceId ? { deviceId: { exact: deviceId } } : {};
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  } catch (error) {
    throw microphoneTrouble(error);
  }
}

/** Gives a microphone back; null is none. */
export const release = (stream) => stream?.getTracks().forEach((track) => track.stop());
