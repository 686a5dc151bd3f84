import { describe, expect, it } from 'vitest'
import { readRolloutFile } from '../../../../../../electron/core/rollout/planning/read-file.ts'
import { writeRolloutFile } from '../../../../../../electron/core/rollout/planning/write-file.ts'
import { rolloutPlan, type RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { seeded } from '../../../../shared/stats/oracle.ts'

const head = 'deployment: digits\nmodel: digits\nversion: 1.1.0\n'
const messages = (text: string): string[] => readRolloutFile(text).findings.map(({ path, message }) => `${path} | ${message}`)

describe('a rollout file', () => {
  it('may be short', () => {
    const { plan, findings } = readRolloutFile(`${head}waves: [1, 10%, 50%, rest]`)
    expect(findings).toEqual([])
    expect(plan).toEqual(
      rolloutPlan.parse({
        ...{ deployment: 'digits', model: 'digits', version: '1.1.0' },
        waves: [
          { size: { kind: 'count', devices: 1 } },
          { size: { kind: 'percent', percent: 10 } },
          { size: { kind: 'percent', percent: 50 } },
          { size: { kind: 'rest' } },
        ],
      }),
    )
  })

  it('writes times, sizes and shares as people do', () => {
    const { plan, findings } = readRolloutFile(`${head}
waves:
  - size: 5 devices
    stratify: [site, arch]
    gate: { success: 80%, after: 30 min, patience: 1 day, verdict: not-fail }
  - query: site = "paris"
  - size: { percent: 12.5 }
  - all
pacing: { perMinute: 50, bytesPerSecond: 5 MB/s }
windows:
  startAt: 2026-03-01T02:00:00+01:00
  download: { cron: 0 2 * * *, for: 2 h }
abort: [{ share: 14%, action: pause }]
timeouts: { probing: 90 s }
retry: { backoff: 5 min, penalty: 2 days }
judge: { errors: guard, latency: { margin: 7% } }
budget: { bytes: 1.5 GB, money: 12.5 }
`)
    expect(findings).toEqual([])
    expect(plan?.waves.map(({ size }) => size)).toEqual([
      { kind: 'count', devices: 5 },
      { kind: 'query', query: 'site = "paris"' },
      { kind: 'percent', percent: 12.5 },
      { kind: 'rest' },
    ])
    expect(plan).toMatchObject({
      pacing: { perMinute: { base: 50, factor: 1 }, bytesPerSecond: 5e6 },
      windows: { startAt: Date.UTC(2026, 2, 1, 1), download: { cron: '0 2 * * *', minutes: 120, timeZone: 'site' }, activation: null },
      abort: [{ share: 0.14, action: 'pause', least: 3 }],
      timeouts: { probing: 90 },
      retry: { backoffSeconds: 300, penaltySeconds: 172_800 },
      judge: { errors: { role: 'guard' }, latency: { role: 'required', margin: 0.07 } },
      budget: { bytes: 1.5e9, money: 12.5 },
    })
    expect(plan?.waves[0]!.gate).toMatchObject({ success: 0.8, afterSeconds: 1800, patienceSeconds: 86_400, verdict: 'not-fail' })
  })

  it('takes JSON, and a version for what it says: 1.10 is no number', () => {
    expect(readRolloutFile('{"deployment":"digits","model":"digits","version":"1.1.0","waves":[1,"rest"]}').plan?.waves).toHaveLength(2)
    expect(readRolloutFile('deployment: digits\nmodel: digits\nversion: 1.10').plan?.version).toBe('1.10')
  })

  it('is written so that reading it gives the same plan, over 60 random plans', () => {
    const random = seeded(11)
    for (let n = 0; n < 60; n += 1) {
      const plan = rolloutPlan.parse(randomPlan(random))
      const text = writeRolloutFile(plan)
      const read = readRolloutFile(text)
      expect({ text, ...read, lineOf: null }).toEqual({ text, plan, findings: [], lineOf: null })
    }
  })

  it('leaves out what is as by default, and writes short forms back', () => {
    const text = `${head}waves:\n  - 1\n  - 10%\n  - size: 50%\n    gate:\n      after: 30 min\n  - rest\n`
    expect(writeRolloutFile(readRolloutFile(text).plan!)).toBe(text)
  })

  it.each([
    ['', ' | A rollout file is a list of names'],
    ['- 1', ' | A rollout file is a list of names'],
    ['deployment: [', 'line 1'],
    [`${head}wave: [1]`, "wave | A plan has no 'wave'; is 'waves' meant? (line 4, column 1)."],
    [`${head}waves:\n  - size: 1\n    gate: { sucess: 1 }`, "is 'success' meant? (line 6, column 13)"],
    [`${head}retry: { after: 1 h }`, "retry has no 'after'"],
    [`${head}waves: [half]`, 'waves[0].size.kind'],
    [`${head}abort: [{ share: 200% }]`, 'abort[0].share'],
    [`${head}timeouts: { probing: soon }`, "timeouts.probing | timeouts.probing: 'soon' cannot be read; write a length of time"],
    [`${head}windows: { startAt: 2026-03-01 }`, 'write a time such as'],
    [`${head}model: wine`, "model | 'model' is there twice (line 4, column 1)."],
    ['deployment: digits', 'model | model is missing.'],
    [`${head}method: blue`, 'method'],
  ])('says what is wrong, and where: %j', (text, message) => {
    const read = readRolloutFile(text)
    expect(read.plan).toBeNull()
    expect(messages(text).join('\n')).toContain(message)
  })

  it('says that anchors and aliases are not taken, and reads shares exactly', () => {
    expect(messages(`${head}query: &x a\nnote: *x`).join('\n')).toMatch(/^query .*Anchors and aliases.*\n.*note .*Anchors and aliases/)
    expect(readRolloutFile(`${head}abort: [{ share: 12.3456% }]`).plan?.abort).toMatchObject([{ share: 0.123456 }])
  })

  it.each([
    ['marks of a list', '- '.repeat(2000)],
    ['marks of a list under a name', `${head}waves:\n  ${'- '.repeat(2000)}1`],
    ['marks after the begin of a document', `--- ${'- '.repeat(2000)}`],
    ['marks with tags', '- !!seq '.repeat(2000)],
    ['marks with tabs', '-\t'.repeat(2000)],
    ['marks of names', '? '.repeat(2000)],
    ['marks of all kinds', '- ? : '.repeat(2000)],
    ['marks over many lines', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(2 * depth)}- -`).join('\n')],
    ['brackets that a text seems to close', '[ "]" '.repeat(2000)],
  ])('refuses what is nested too deep before it is parsed: %s', (_, text) => {
    expect(messages(text)).toEqual([expect.stringMatching(/^ \| The file (is indented|has more than 40 brackets)/)])
  })

  it('takes a list of marks in a text, and an indented text, for what they are', () => {
    const line = '- '.repeat(300)
    expect(readRolloutFile(`${head}note: |\n  ${line}x\n  ${' '.repeat(300)}y\n`).plan?.note).toBe(`${line}x\n${' '.repeat(300)}y\n`)
    expect(readRolloutFile(`${head}note: "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["`).plan?.note).toBe('['.repeat(50))
  })

  it.each([
    ['aliases', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]'],
    ['an alias for a value', `deployment: &x digits\nmodel: *x\nversion: 1.1.0`],
    ['a prototype', '__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }'],
    ['a tag', `${head}note: !!js/function "function () {}"`],
    ['brackets without end', '['.repeat(150_000)],
    ['maps without end', '{a: '.repeat(40_000)],
    ['lists in lists', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['25,000 names', `{${Array.from({ length: 25_000 }, (_, n) => `k${n}: 1`).join(', ')}}`],
    ['more than 200 kB', `${head}note: ${'x'.repeat(200_000)}`],
    ['control characters', `${head}"\u0000\u001b[31m": 1`],
  ])('refuses hostile text: %s', (_, text) => {
    const { plan, findings } = readRolloutFile(text)
    expect(plan).toBeNull()
    expect(findings.length).toBeGreaterThan(0)
    expect(findings.length).toBeLessThanOrEqual(100)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    for (const { path, message } of findings) expect([path.length <= 200, message.length <= 1000]).toEqual([true, true])
  })
})

type Random = ReturnType<typeof seeded>

function randomPlan(random: Random): RolloutPlanInput {
  const chance = (share: number): boolean => random() < share
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1))
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const wave = (): NonNullable<RolloutPlanInput['waves']>[number] => ({
    size: pick([
      { kind: 'count' as const, devices: whole(1, 50) },
      { kind: 'percent' as const, percent: whole(1, 1000) / 10 },
      { kind: 'query' as const, query: pick(['site = "lyon"', 'tag:camera and not mem < 2GB', 'rest: "x"']) },
      { kind: 'rest' as const },
    ]),
    ...(chance(0.3) ? { name: pick(['canary', '12', 'true', 'null', 'a: b']) } : {}),
    ...(chance(0.3) ? { stratify: ['site', 'arch'].slice(0, whole(1, 2)) } : {}),
    ...(chance(0.6)
      ? {
          gate: {
            success: whole(0, 1000) / 1000,
            afterSeconds: whole(0, 200_000),
            patienceSeconds: pick([null, 90, 86_400]),
            byPerson: chance(0.5),
          },
        }
      : {}),
  })
  const window = () => ({
    cron: pick(['0 2 * * *', '*/15 8-17 * * 1-5']),
    minutes: whole(1, 3000),
    timeZone: pick(['site', 'Europe/Paris']),
  })
  return {
    ...{
      deployment: pick(['digits', '12', 'on']),
      model: pick(['digits', 'null', '1.0']),
      version: pick(['1.10', '1.1.0', '1e3', '0x10', 'true', '007']),
    },
    ...{ query: pick(['', 'site = "lyon"', 'not tag:old # x']), priority: whole(0, 1000), name: pick(['', '# no comment', "it's"]) },
    ...{ method: pick(['replace', 'shadow', 'split', 'stage'] as const), percent: whole(1, 1000) / 10, isComparison: chance(0.3) },
    waves: Array.from({ length: whole(1, 5) }, wave),
    pacing: {
      maxInFlight: pick([null, 7]),
      perMinute: pick([null, { base: whole(1, 50), factor: 1.5, every: 10 }]),
      perGroup: pick([null, { attribute: 'site', atOnce: 2 }]),
      bytesPerSecond: pick([null, 1234, 5e6, 1.5e9]),
    },
    windows: {
      startAt: pick([null, 1_772_330_400_000, 1_772_330_400_123]),
      download: pick([null, window()]),
      activation: pick([null, window()]),
    },
    ...(chance(0.5) ? { abort: Array.from({ length: whole(0, 3) }, () => ({ share: whole(0, 1000) / 1000, of: 'failed' as const })) } : {}),
    timeouts: { probing: whole(1, 10_000), offered: whole(1, 40) * 3600 },
    judge: { alpha: 0.01, errors: { margin: whole(0, 200) / 1000 }, memory: { role: 'off' } },
    budget: { bytes: pick([null, 0, 999, 1_234_567, 5e6]), money: pick([null, 12.34]) },
    whenDone: { alias: pick([null, 'production']) },
    note: pick(['', 'two\nlines: "quoted"', '- x']),
    ...(chance(0.3) ? { probation: { inferences: 20 }, serving: { deadlineMs: 500 } } : {}),
  }
}
