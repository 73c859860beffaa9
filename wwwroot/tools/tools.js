// The tools that the model may use on this page. A further one is one entry here, and one under Realtime:Profiles:{name}:Tools on the server.
import { changeColours, isColour } from './colours.js';
import { htmlOf } from './html.js';

const colour = (value, name) => (isColour(value) ? null : `${name} must be a CSS colour, such as blue or #336699.`);

export const tools = {
  getPageHTML: {
    parameters: {},
    run: () => htmlOf(document.querySelector('main')),
  },
  changeBackgroundColor: {
    parameters: { color: colour },
    run: ({ color }) => changeColours({ background: color }),
  },
  changeTextColor: {
    parameters: { color: colour },
    run: ({ color }) => changeColours({ text: color }),
  },
};
