import { describe, expect, it } from 'vitest'
import { dependsOn } from '../../../../renderer/data/topics.ts'
import { contract } from '../../../../shared/rpc/contract.ts'
import { changeTopics } from '../../../../shared/rpc/frames.ts'

describe('the change feed', () => {
  it('reaches every query of the contract', () => {
    const never = Object.entries(contract)
      .filter(([, { kind }]) => kind === 'query')
      .map(([name]) => name)
      .filter((name) => !dependsOn(name, changeTopics))
    expect(never).toEqual([])
  })

  it('does not make a view ask again for what it does not show', () => {
    expect(dependsOn('models.list', ['telemetry'])).toBe(false)
    expect(dependsOn('jobs.list', ['jobs', 'telemetry'])).toBe(true)
  })
})
