// Answers the model's function calls. Whatever goes wrong becomes an output that the model can talk about, never silence. Pure.
//
// A tool is `{ parameters: { name: check }, run(values) }`. A check returns null, or what is wrong with the value; `run` returns what the model should know.

/** Runs one call: `{ ok, output }`, where `output` is the JSON text for the model. */
export async function runTool(tools, { name, arguments: text }) {
  const tool = Object.hasOwn(tools, name) ? tools[name] : null;
  if (!tool) return failure(`There is no tool ${name}. The tools are ${Object.keys(tools).join(', ')}.`);
  const values = parse(text || '{}');
  if (values === undefined) return failure('The arguments are not valid JSON.');
  try {
    const wrong = faultIn(values, tool.parameters);
    return wrong ? failure(wrong) : { ok: true, output: JSON.stringify((await tool.run(values)) ?? null) };
  } catch (error) {
    return failure(`The tool failed: ${error?.message ?? error}`);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function faultIn(values, parameters) {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return 'The arguments are not a JSON object.';
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(parameters, name));
  if (unknown) return `There is no parameter ${unknown}.`;
  return Object.entries(parameters).map(([name, check]) => check(values[name], name)).find(Boolean) ?? null;
}

const failure = (message) => ({ ok: false, output: JSON.stringify({ error: message }) });
