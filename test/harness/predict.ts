import type { LocalAgent } from '../../build/demo/local-fleet.ts'

/** A deployment of a classifier with the outputs `label` and `probabilities`, as scikit-learn exports them. */
export interface Asked {
  deployment: string
  input: string
  labels: readonly string[]
}

/** What an agent answered to a request, row by row. */
export interface Answered {
  id: string
  predicted: string[]
  confidence: number[]
}

/** Asks an agent about rows; null is a missing value. @throws Error unless it answers */
export async function predict(
  agent: LocalAgent,
  { deployment, input, labels }: Asked,
  rows: readonly (number | null)[][],
): Promise<Answered> {
  const inputs = [{ name: input, shape: [rows.length, rows[0]!.length], datatype: 'FP32', data: rows.flat() }]
  const response = await fetch(`${agent.url}/v2/models/${deployment}/infer`, { method: 'POST', body: JSON.stringify({ inputs }) })
  const body = (await response.json()) as { id: string; outputs: { name: string; data: number[] }[] }
  if (!response.ok) throw new Error(`${agent.device} answered ${response.status}: ${JSON.stringify(body)}`)
  const output = (name: string): number[] => body.outputs.find((one) => one.name === name)!.data
  const [classes, probabilities] = [output('label'), output('probabilities')]
  return {
    id: body.id,
    predicted: classes.map((one) => labels[one]!),
    confidence: classes.map((one, row) => probabilities[row * labels.length + one]!),
  }
}

/** Tells an agent the true labels of the rows of a prediction. @throws Error unless it takes them */
export async function tellTruth(agent: LocalAgent, id: string, labels: readonly string[]): Promise<void> {
  const response = await fetch(`${agent.url}/v2/feedback`, { method: 'POST', body: JSON.stringify({ id, labels }) })
  if (!response.ok) throw new Error(`${agent.device} refused feedback: ${await response.text()}`)
}
