/** What whoever gets an alert of Prometheus reads. */
export interface RuleRunbook {
  meaning: string
  /** What to look at, one line each. */
  look: readonly string[]
  /** What to do, in order. */
  steps: readonly string[]
}

/** A runbook for each rule, by its name. The console’s own alerts have theirs in `electron/core/monitor/alerts/runbooks`. */
export const ruleRunbooks: Readonly<Record<string, RuleRunbook>> = {
  MusterConsoleDown: {
    meaning: `Prometheus has not got the metrics of the console for five minutes: it does not run, its token counts no more, or the way to it is cut.
Devices go on answering, and keep their records until it is back.`,
    look: [
      'On the machine of the console: `muster status`. Exit code 6 says that no console runs there.',
      'What Prometheus says of the target: 401 is the token, a refused connection is the console or the tunnel to it.',
      'Whether the token has ended: `muster tokens list --all`',
    ],
    steps: [
      'Start the console again; what it says when it cannot start has a code with what to do.',
      'If the token has ended, make a new one: `muster tokens create prometheus --role viewer --methods metrics.show --expires 365d`, and write it into the file that Prometheus reads.',
    ],
  },
  MusterBrokerDown: {
    meaning:
      'The console runs, but devices cannot reach its broker, or it cannot reach a broker of yours. No order arrives and no record is taken.',
    look: ['`muster status`: the broker, and why it is not there.', 'Whether another program has its port: 1883, or 8883 with TLS.'],
    steps: [
      'With the embedded broker: free the port, or start the console with another one.',
      'With a broker of yours: bring it back; the console connects again by itself.',
      'Nothing needs to be sent again: devices deliver what waits.',
    ],
  },
  MusterStoreNotWritable: {
    meaning: 'The console cannot write to its stores, most often because the disk is full. It answers questions and refuses what is new.',
    look: ['Free space where the data directory is: Settings, About names the place.', 'Messages of the system about the disk itself.'],
    steps: [
      'Free space; the console goes on by itself.',
      'If the disk is failing, stop the console, copy its data directory elsewhere and start it from there.',
      'See how long what is kept: `muster telemetry retention`',
    ],
  },
  MusterCriticalAlert: {
    meaning:
      'The console itself holds something for critical. It knows more of it than Prometheus does: the evidence, the devices and its own runbook.',
    look: ['`muster alerts list`, and the page Alerts.', '`muster alerts show ALERT --runbook` for what it rests on and what to do.'],
    steps: ['Follow the runbook of that alert.', 'Say that you look after it: `muster alerts ack ALERT --note TEXT`'],
  },
  MusterDevicesOffline: {
    meaning: `More than a tenth of the devices have not been connected for a quarter of an hour. So many at once are seldom ill on their own: look for what
they share. They go on answering.`,
    look: [
      "`muster devices list --query 'health = offline'`: one site, one network, one kind of machine?",
      'Whether the broker was changed, or its certificate: `muster broker trust`',
    ],
    steps: [
      'Mend what they share: link, address of the broker, certificate.',
      'On one of them: `muster-agent doctor` says what it does not reach.',
    ],
  },
  MusterDevicesFailed: {
    meaning: 'Devices refused a version, went back from one, or serve nothing. A device that refused goes on with the version before.',
    look: ["`muster devices list --query 'health = failed'`", '`muster why DEVICE`: the one sentence that says why.'],
    steps: [
      'If all refuse the same version, the version is at fault: stop the rollout, `muster rollouts stop ROLLOUT`.',
      'If one refuses what others run, look at its disk, memory and clock: `muster-agent doctor`.',
    ],
  },
  MusterInferenceErrors: {
    meaning: 'More than one request in twenty to a version has failed for ten minutes, by what the devices told.',
    look: ['`muster monitor`: which errors, on which devices.', 'Whether it began with a release: `muster rollouts list`'],
    steps: [
      'If it began with a release, take the version back: `muster deployments revert DEPLOYMENT --query QUERY`.',
      'If requests are refused for their shape or a missing value, it is the application that asks.',
    ],
  },
  MusterInferenceNotFinite: {
    meaning:
      'A version answered with NaN or infinity. Such answers are passed on as they are and counted; applications may take them for numbers.',
    look: [
      'Data quality of its features on the page Monitoring: values that are missing or far out of range.',
      'Whether it began with a release.',
    ],
    steps: [
      'Go back to the version before if it began with a release.',
      'Else declare what happens to odd values beside the model, and import that as a new version.',
    ],
  },
  MusterOrdersNotTaken: {
    meaning: 'Devices have been ordered a version for a day and do not run it. They serve the one before meanwhile.',
    look: ['`muster orders list`, then `muster orders show ORDER`: what each device waits for.', '`muster why DEVICE`'],
    steps: [
      'What waits for a window or a lock goes on by itself.',
      'Devices that are away get the order when they are back.',
      'If nobody wants it any more: `muster orders cancel ORDER`',
    ],
  },
  MusterOutboxStuck: {
    meaning: 'Messages to devices have waited in the console for a quarter of an hour instead of some seconds. None is lost.',
    look: ['`muster status`: is the broker there, and are the keys of orders unlocked?'],
    steps: ['Bring the broker back, or unlock the keys of the console.', 'The outbox goes on by itself, in order.'],
  },
  MusterTelemetryRefused: {
    meaning:
      'Records or whole batches could not be read, or spoke for another device. Bad records are kept aside with their reason, the others are stored.',
    look: ['`muster telemetry --ledger`: from which devices.', '`muster events --severity warning`, and the page Events.'],
    steps: [
      'If one device sends them, look at its agent: version, disk, clock.',
      'A batch that speaks for another device is an attack or a copied folder: `muster devices quarantine DEVICE`.',
    ],
  },
  MusterBackupFailed: {
    meaning: 'The last attempt to make a backup failed. Older backups are as they were.',
    look: ['`muster backup list`, and Settings, Backups: why.'],
    steps: ['Take away the cause: the disk of the backups, its space, its rights.', 'Make one at once: `muster backup now`'],
  },
  MusterBackupOld: {
    meaning: 'The newest good backup is more than three days old, although one is due each night unless somebody chose otherwise.',
    look: ['`muster backup schedule`: is it switched on, and when is the next?', 'Whether the console runs at that hour.'],
    steps: ['Make one: `muster backup now`', 'Choose an hour at which the console runs: `muster backup schedule --on --at 12:00`'],
  },
  MusterForwardFailing: {
    meaning: `For an hour, nothing went out to a webhook or a database: it does not answer, refuses what comes, or was stopped after too many refusals. Events and
records wait in the console; what retention removes here before it went out is counted as missed.`,
    look: ['`muster forward list` and `muster forward status FORWARD`: why, since when, and how much waits.', 'Settings, Data out.'],
    steps: [
      'Mend the receiver, or what the console has of it: address, secret, tables.',
      'Try it: `muster forward test FORWARD`. One that stopped by itself goes on with `muster forward resume FORWARD`.',
      'If nobody needs it any more: `muster forward remove FORWARD`',
    ],
  },
  MusterSourceFailing: {
    meaning:
      'For an hour, a tracking server or a watched folder could not be asked for models. Versions that are here already are not concerned.',
    look: ['`muster sources list`: why, and since when.'],
    steps: [
      'Bring the server or the folder back, or mend its address or secret; the console goes on by itself.',
      'Ask at once: `muster sources check SOURCE`. If nobody needs it any more: `muster sources remove SOURCE`',
    ],
  },
  MusterExportDropping: {
    meaning: `The export by OpenTelemetry gives up data points or log records: the receiver calls them wrong, or has been away for so long that the queue of
log records is full. Stores and the log on standard error are not concerned.`,
    look: ['`muster metrics otlp`: what the receiver answers, and since when.'],
    steps: ['Mend the receiver or its address: `muster metrics otlp set URL`', 'If nobody needs it any more: `muster metrics otlp off`'],
  },
  MusterAgentDown: {
    meaning: 'Prometheus has not got the metrics of an agent for ten minutes. The console may still hear of it: they come on two ways.',
    look: [
      '`muster devices show DEVICE`: when the console last heard of it.',
      'On the device: does the service run, `muster-agent status`?',
    ],
    steps: ['Start the service again.', 'If it runs, look at the way of Prometheus to it: the agent listens on loopback only.'],
  },
  MusterModelNotLoaded: {
    meaning: 'An agent has a version that it is to serve and cannot load it. Requests to that deployment fail on this device.',
    look: ['`muster-agent status` on the device, and `muster devices timeline DEVICE`: why.', 'Its free memory.'],
    steps: [
      'Go back to the last good version, also without the console: `muster-agent revert DEPLOYMENT`',
      'If memory is short, take off what nobody asks: `muster undeploy DEPLOYMENT --query QUERY --yes`',
    ],
  },
  MusterAgentErrors: {
    meaning: 'More than one request in twenty to a deployment has failed on one device for ten minutes.',
    look: [
      'The label `code` of `muster_inference_requests_total`: deadline, refused, not valid.',
      '`muster monitor peers DEVICE`: is it this device only?',
    ],
    steps: [
      'Deadlines: the device is too slow or too busy for this version.',
      'What is not valid: mend the application that asks.',
      'Else go back: `muster-agent revert DEPLOYMENT`',
    ],
  },
}
