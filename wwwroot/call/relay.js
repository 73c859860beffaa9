// The relay way: the gateway takes the offer to the service, so that no secret comes here, and the call has an address where it can be ended.

/** `begin(offer, signal)` gives the gateway's response; `end(address)` hangs up, once and whatever the reason. */
export function relay(begin, end) {
  let address = null;

  function hangUp() {
    if (address) end(address);
    address = null;
  }

  return {
    async answer(offering, signal) {
      const response = await begin(await offering, signal);
      address = response.headers.get('location'); // from here on there is a call that somebody pays for
      if (signal.aborted) hangUp(); // whoever stopped could not know yet
      return response.text();
    },
    hangUp,
  };
}
