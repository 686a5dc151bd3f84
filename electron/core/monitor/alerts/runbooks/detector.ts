import type { Runbook } from './runbook.ts'

/** What to do when it is said: detector on a device. */
export const detector: Runbook = {
  title: 'Detector on a device',
  markdown: `## What it means
A sequential detector on the device watches every request and spoke before any window on the console could. It says that something changed on this
device: more errors or slower answers. It is early and local; windows on the console confirm it or not. What detectors say of features and of the
confidence is an event of the device only, because the rules of drift tell it; name them in the rule to be told.

## What to look at
- The event on the page of the device: which detector, and from which value to which.
- Errors, latency and confidence of the device in the hour around it.

## What to do
1. Treat it as a hint: see whether the windows after it say the same.
2. If detectors speak too often, raise \`detectorSamples\` in the configuration to the value that the budget of false alarms asks for.
`,
}
