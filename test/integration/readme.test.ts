import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documentedCommands, sectionOf } from '../harness/documented-commands.ts'
import { Reader } from '../harness/reader.ts'

const readme = readFileSync('README.md', 'utf8')
const commandsOf = (section: string): string[] => documentedCommands(sectionOf(readme, section)).map(({ command }) => command)

test('the commands of the README do what it says', { timeout: 1_200_000 }, async () => {
  const reader = new Reader()
  const [start, importModel, enroll, join, runAgent, deploy, telemetry] = commandsOf('By hand, or in a script')
  await reader.start(start!)
  expect(await reader.run(importModel!)).toContain('0.899244')
  const code = /^\s+(\S+\.\S+\.\S+)$/m.exec(await reader.run(enroll!))![1]!
  await reader.run(join!.replace('CODE', code))
  await reader.start(runAgent!)
  expect(await reader.run(deploy!)).toContain('runs digits 1.0.0')
  await reader.run(telemetry!)

  const [ready, metadata, infer, feedback] = commandsOf('Ask a device')
  expect(JSON.parse(await reader.run(ready!))).toMatchObject({ ready: true })
  expect(JSON.parse(await reader.run(metadata!))).toMatchObject({ name: 'digits', platform: 'onnx_onnxv1' })
  const answer = JSON.parse(await reader.run(infer!)) as { id: string; outputs: { name: string; data: number[] }[] }
  expect(answer.outputs.find((output) => output.name === 'label')?.data).toEqual([4])
  expect(JSON.parse(await reader.run(feedback!.replace('ID-OF-THE-ANSWER', answer.id)))).toEqual({ stored: 1 })

  const [report, verify, exported, metrics] = commandsOf('Reports, and the world around')
  await reader.run(report!)
  expect(await reader.run(verify!)).toContain('Report 1 is as it was signed')
  expect(await reader.run(exported!)).toContain('Exported digits@1.0.0')
  expect(await reader.run(metrics!)).toContain('muster_devices_online')
})
