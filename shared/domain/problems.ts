/**
 * Every error code of the product, once. `exit` is the exit code of a command that ends with it
 * (2 usage, 3 refused input, 4 not found, 5 conflict or in use, 6 unreachable, 7 storage, 1 anything else),
 * `http` the status on an HTTP interface, `hint` what a person does next.
 */
interface ProblemKind {
  exit: number
  http: number
  hint: string
}

const refused = (hint: string): ProblemKind => ({ exit: 3, http: 400, hint })
const missing = (hint: string): ProblemKind => ({ exit: 4, http: 404, hint })
const conflict = (hint: string): ProblemKind => ({ exit: 5, http: 409, hint })
const unreachable = (hint: string): ProblemKind => ({ exit: 6, http: 503, hint })
const storage = (hint: string): ProblemKind => ({ exit: 7, http: 507, hint })

export const problems = {
  internal: { exit: 1, http: 500, hint: 'This is a fault in Muster. The log has the details.' },
  usage: { exit: 2, http: 400, hint: 'Run the command with --help.' },
  cancelled: { exit: 1, http: 409, hint: 'Start it again when wanted.' },
  'input.invalid': refused('Correct the named field and send it again.'),
  'input.too-large': { exit: 3, http: 413, hint: 'Send less at once.' },

  'access.denied': { exit: 3, http: 403, hint: 'Use the address and token that the console printed at its start.' },
  'method.unknown': missing('`muster call --list` shows the methods.'),

  'query.syntax': refused('Write conditions like: site = "lyon" and tag:camera and agent >= 1.2'),
  'query.unknown-attribute': refused('`muster devices list --attributes` shows the attributes.'),
  'query.type': refused('Compare the attribute with a value of its kind.'),
  'query.exists': conflict('Choose another name, or replace the query that has it.'),
  'query.not-found': missing('`muster queries list` shows the saved queries.'),

  'model.invalid': refused('Export the model again as ONNX and import that file.'),
  'model.unsupported': refused('Export the model with the operators, opset and IR version that the message asks for.'),
  'model.external-data-forbidden': refused('Save the model as one file with its weights inside.'),
  'model.resource-limit': refused('Export a smaller model, or one with bounded shapes.'),
  'model.exists': conflict('A version never changes. Import under a new version.'),
  'model.not-found': missing('`muster models list` shows the models and versions.'),
  'model.name-needed': refused('Say which: muster models import FILE --as NAME@VERSION'),
  'alias.not-found': missing('`muster models alias list MODEL` shows the aliases.'),
  'alias.conflict': conflict('Choose another name: an alias and a version of one model never have the same.'),
  'bundle.invalid': refused('Correct bundle.json as the message says.'),
  'bundle.step-unknown': refused('Use one of the steps that the message lists.'),
  'bundle.pipeline-invalid': refused('Correct the named step, column or rule of bundle.json.'),
  'bundle.signature-invalid': refused('Import the bundle again on the console that signs for this fleet.'),
  'trust.key-exposed': {
    exit: 7,
    http: 500,
    hint: 'Take the rights of others away (chmod 600). If others may have read the key, make a new fleet.',
  },
  'trust.key-invalid': { exit: 7, http: 500, hint: 'Restore the key from a backup: devices trust no other one.' },
  'data.schema-mismatch': refused('Give a CSV whose columns fit the schema of the model.'),
  'data.invalid': refused('Correct the named row.'),
  'evaluation.failed': { exit: 1, http: 500, hint: 'Read the cause; the version was kept without metrics.' },

  'batch.input-changed': conflict('The input is another file than the one that was begun. Use another output, or --restart.'),
  'batch.format-unknown': refused('Give a .csv, .ndjson or .parquet file, or name the format with --format.'),
  'config.not-found': missing('`muster config list` shows the configuration rules.'),

  'device.not-found': missing('`muster devices list` shows the devices.'),
  'device.selection-changed': conflict('Look at the devices again, and confirm the number that there is now.'),
  'device.none-match': missing('Widen the query; `muster devices list --query …` shows what it matches.'),
  'deployment.held': conflict('Read the alert first. To release all the same: --despite-alerts'),
  'rollout.not-found': missing('`muster rollouts list` shows the rollouts.'),
  'rollout.invalid': refused('Correct the plan where the message says; `muster rollouts check FILE` names every place.'),
  'rollout.overlap': conflict('Give one of the two rollouts a higher priority, narrow the target, or end the other.'),
  'rollout.not-allowed': conflict('`muster rollouts show ROLLOUT` shows what may be done now.'),
  'rollout.over-budget': conflict('Raise the budget of the rollout, or narrow its target.'),
  'rollout.not-completed': {
    exit: 1,
    http: 409,
    hint: '`muster rollouts events ROLLOUT` shows what happened; `muster rollouts show ROLLOUT` what may be done.',
  },
  'rollout.device-not-found': missing('`muster rollouts devices ROLLOUT` shows the devices.'),
  'approval.required': conflict('An approver approves the version: muster models approve MODEL@VERSION'),
  'approval.second-person': { exit: 3, http: 403, hint: 'Another person than the one who made it must approve it.' },
  'approval.gate-failed': conflict('Look at the gates: muster models gates MODEL@VERSION. To approve all the same: --despite-gates'),
  'approval.withdrawn': conflict('The version was withdrawn. Release another one, or approve it again.'),
  'alert.not-found': missing('`muster alerts list --state all` shows the alerts.'),
  'alert-rule.not-found': missing('`muster alerts rules` shows the rules.'),
  'silence.not-found': missing('`muster alerts silences` shows the silences.'),
  'channel.not-found': missing('`muster alerts channels` shows where alerts are told.'),
  'notice.not-found': missing('`muster alerts deliveries` shows the notices.'),
  'order.not-found': missing('`muster orders list` shows the orders.'),
  'order.nothing-to-do': conflict('`muster orders show ORDER` shows where its devices are.'),
  'enrolment.code-invalid': { exit: 3, http: 403, hint: 'Ask the operator for a new code: muster devices enroll' },
  'enrolment.code-expired': { exit: 3, http: 403, hint: 'Ask the operator for a new code: muster devices enroll' },
  'enrolment.id-taken': conflict('Choose another --id, or make a code for that device: muster devices enroll --id ID'),
  'enrolment.already-enrolled': conflict('This agent has an identity. Use another --dir, or --force to replace it.'),
  'enrolment.not-enrolled': missing('Run: muster-agent enroll --broker URL --code CODE'),
  'enrolment.untrusted-answer': { exit: 3, http: 403, hint: 'The answer was not made with the code. Check the broker address.' },

  'broker.unreachable': unreachable('Check the address, the port and that the broker runs.'),
  'broker.refused': { exit: 6, http: 503, hint: 'Check the user name and password of the broker.' },
  'port.in-use': conflict('Stop the other program, or choose another port.'),
  'console.unreachable': unreachable('Start it with `npm start`, or give --url and --token.'),
  'agent.unreachable': unreachable('Start the agent: muster-agent run --dir DIR'),

  'data-directory.in-use': conflict('Another process works in this directory. Stop it, or choose another --data.'),
  'data-directory.read-only': storage('Give the user write access, or choose another --data.'),
  'store.newer': { exit: 7, http: 500, hint: 'Open it with the version of Muster that wrote it, or newer.' },
  'store.corrupt': storage('Restore a backup. The damaged file was kept.'),
  'store.disk-full': storage('Free disk space. Nothing acknowledged was lost; work goes on by itself.'),
  'store.io-error': storage('Check the disk. Nothing acknowledged was lost; work goes on by itself.'),
  'store.not-durable': storage('The file system does not honour synchronous writes. Choose a local disk.'),

  'assignment.signature-invalid': {
    exit: 3,
    http: 403,
    hint: 'The order was not signed by this fleet. Check who publishes on the broker.',
  },
  'assignment.wrong-target': { exit: 3, http: 403, hint: 'The order is for another device or fleet.' },
  'assignment.rollback': { exit: 3, http: 403, hint: 'An older order was replayed. Check who publishes on the broker.' },
  'assignment.equivocation': { exit: 3, http: 403, hint: 'Two orders carry one counter: two consoles may run for this fleet.' },
  'assignment.expired': { exit: 3, http: 403, hint: 'Start the console so that it issues a fresh order.' },
  'message.malformed': refused('Send what the protocol document describes.'),
  'message.unsupported-version': refused('Update the older side: agent or console.'),

  'runtime.no-memory': storage('Free memory on the device, or deploy a smaller model. It is tried again by itself.'),
  'transfer.no-space': storage('Free disk space on the device: twice the size of the model is needed.'),
  'transfer.corrupt': { exit: 1, http: 502, hint: 'Blocks arrived damaged again and again. Check the network and the console disk.' },
  'transfer.not-offered': { exit: 3, http: 403, hint: 'The device asked for an artifact that is not assigned to it.' },
  'probe.golden-mismatch': { exit: 3, http: 409, hint: 'The model answers differently on this hardware. Compare it on the test bench.' },
  'probe.load-failed': { exit: 3, http: 409, hint: 'The runtime on the device cannot load the model. Read the cause.' },
  'probe.timeout': { exit: 3, http: 409, hint: 'The model did not answer in time on this device.' },
  'probe.budget': {
    exit: 3,
    http: 409,
    hint: 'The model is too slow or too large for this device. Relax the budget, or deploy a smaller one.',
  },
  'watch.failed': {
    exit: 3,
    http: 409,
    hint: 'The model failed on live inputs and the last good one is back. Look at its errors and samples.',
  },
  'revert.requested': { exit: 3, http: 409, hint: 'Somebody took the version back on the device. Order it again when the cause is known.' },
  'revert.nothing': conflict('There is no last good version on the device. Order the version that you want.'),
  'lock.invalid': refused('Give a reason and a deadline within the next 24 hours.'),
  'runtime.crashed': { exit: 1, http: 503, hint: 'The runtime was restarted. After three crashes the last good model returns.' },
  'runtime.not-ready': unreachable('Wait until the model is loaded, or deploy one.'),

  'inference.bad-input': refused('Send the inputs that GET /v2/models/NAME describes.'),
  'inference.not-found': missing('GET /v2/models and `muster-agent status` show what is served.'),
  'inference.failed': { exit: 1, http: 500, hint: 'The model failed on this input.' },
  'inference.deadline-exceeded': { exit: 6, http: 504, hint: 'The model took longer than the deadline of its deployment; it was stopped.' },
  'inference.overloaded': { exit: 6, http: 503, hint: 'Send fewer requests at once, or retry after a moment.' },
  'feedback.unknown-prediction': missing('Send the id that the inference answer carried.'),
  'labelling.not-found': missing(
    '`muster labels queue` shows the rows that want a label; a sample that was taken away cannot be labelled any more.',
  ),
  'labelling.feedback-counts': conflict('The device has sent the truth of this row itself; correct it there.'),
  'feedback.bad-label': refused('Use a label that the model version declares.'),
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problems
