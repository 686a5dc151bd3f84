import type { SubjectData } from '../../rpc/contract/privacy.ts'
import { csvText } from '../csv.ts'
import { utf8Of, zipOf } from '../zip.ts'

const words = `What this archive holds
=======================

data.json      everything below in one file, with inputs and outputs of each sample
samples.csv    samples: when which model was asked on which device
labels.csv     true labels that devices or people gave

The person stands in it as a hash that only this fleet makes. What came before anybody said which field names
a person holds that field as it was sent.
Values that were masked on the device before they left it are empty or hashed; the masks are in data.json.
`

/** Everything about a subject as a ZIP file with JSON and CSV. */
export function subjectArchive(data: SubjectData): Uint8Array<ArrayBuffer> {
  const time = (at: number): string => new Date(at).toISOString()
  const samples = csvText(
    ['predicted at', 'device', 'deployment', 'model', 'version', 'prediction', 'masked'],
    data.samples.map((one) => [
      ...[time(one.predictedAt), one.device, one.deployment, one.model, one.version, one.prediction],
      Object.entries(one.masked)
        .map(([field, mask]) => `${field}: ${mask}`)
        .join('; '),
    ]),
  )
  const labels = csvText(
    ['predicted at', 'device', 'deployment', 'model', 'version', 'prediction', 'row', 'predicted', 'actual', 'given by'],
    data.labels.map((one) => [
      ...[time(one.predictedAt), one.device, one.deployment, one.model, one.version, one.prediction],
      ...[one.row, one.predicted, one.actual, one.source],
    ]),
  )
  return zipOf([
    { name: 'README.txt', bytes: utf8Of(words) },
    { name: 'data.json', bytes: utf8Of(`${JSON.stringify(data, null, 2)}\n`) },
    { name: 'samples.csv', bytes: utf8Of(samples) },
    { name: 'labels.csv', bytes: utf8Of(labels) },
  ])
}
