import { describe, expect, test } from 'vitest'
import { actorOf, isOtherPerson, personName, personOf } from '../../../../shared/domain/actor.ts'

describe('names of people', () => {
  test.each([
    ['  Anna  Meier ', 'Anna Meier'],
    ['a:b', 'a b'],
    ['\u202eanna\u0007', 'anna'],
    ['line\nbreak', 'line break'],
    ['::', null],
    ['', null],
    [null, null],
    ['e\u0301va', '\u00e9va'],
  ])('%j is %j', (given, name) => {
    expect(personName(given)).toBe(name)
  })

  test('a name is bounded in characters, not in the middle of one', () => {
    expect(personName('😀'.repeat(100))).toBe('😀'.repeat(64))
  })

  test('an actor is the way in and the person', () => {
    expect([actorOf('cli', 'anna'), actorOf('browser', null)]).toEqual(['cli:anna', 'browser'])
    expect([personOf('cli:Anna'), personOf('browser'), personOf('cli:')]).toEqual(['anna', null, null])
  })
})

describe('another person', () => {
  test.each([
    ['cli:anna', 'browser:Anna', false],
    ['cli:anna', 'cli:ben', true],
    ['cli:anna', 'browser', false],
    ['browser', 'browser', false],
    ['browser', 'cli:ben', true],
    [null, 'cli:ben', true],
    [null, 'desktop', false],
  ])('made by %s, approved by %s: %s', (maker, approver, isOther) => {
    expect(isOtherPerson(maker, approver)).toBe(isOther)
  })
})
