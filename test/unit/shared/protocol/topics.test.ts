import { describe, expect, test } from 'vitest'
import {
  consoleFilters,
  deviceFilters,
  parseTopic,
  sharedBlockFilter,
  topicOf,
  topics,
  type TopicName,
} from '../../../../shared/protocol/topics.ts'

const parameters = {
  device: 'cam-12',
  artifact: 'a'.repeat(64),
  block: '17',
  deployment: 'digits',
  request: 'b'.repeat(16),
  name: 'root-2',
}

describe('topics', () => {
  test.each(Object.keys(topics) as TopicName[])('%s: what is built is parsed back', (name) => {
    const topic = topicOf('plant-7', name, parameters)
    const parsed = parseTopic('plant-7', topic)!
    expect(parsed.name).toBe(name)
    expect(topicOf('plant-7', name, { ...parameters, ...parsed.parameters })).toBe(topic)
  })

  test.each(['+', '#', 'a/b', '', 'A', 'ä', 'a'.repeat(65), '$SYS'])("the id '%s' never gets into a topic", (device) => {
    expect(() => topicOf('plant-7', 'presence', { device })).toThrow(RangeError)
  })

  test.each([
    'muster/1/other/device/cam-12/presence',
    'muster/2/plant-7/device/cam-12/presence',
    'muster/1/plant-7/device/cam-12',
    'muster/1/plant-7/device/cam-12/presence/more',
    'muster/1/plant-7/device/+/presence',
    '$SYS/broker',
  ])('%s is none of ours', (topic) => {
    expect(parseTopic('plant-7', topic)).toBeNull()
  })

  test('a device subscribes only to what is its own, and to the blocks that it names', () => {
    expect(deviceFilters('plant-7', 'cam-12')).toEqual([
      'muster/1/plant-7/device/cam-12/desired',
      'muster/1/plant-7/device/cam-12/telemetry/ack',
      'muster/1/plant-7/device/cam-12/block/+/+',
      'muster/1/plant-7/device/cam-12/infer/+',
    ])
    expect(sharedBlockFilter('plant-7', 'abc')).toBe('muster/1/plant-7/block/abc/+')
  })

  test('the console hears every message of a device and none of its own', () => {
    const heard = new Set<string>()
    for (const name of Object.keys(topics) as TopicName[]) {
      const topic = topicOf('plant-7', name, parameters)
      if (consoleFilters('plant-7').some((filter) => isMatch(filter, topic))) heard.add(name)
    }
    expect([...heard]).toEqual(Object.keys(topics).filter((name) => topics[name as TopicName].from === 'device'))
  })
})

function isMatch(filter: string, topic: string): boolean {
  const levels = topic.split('/')
  const wanted = filter.split('/')
  return wanted.length === levels.length && wanted.every((level, i) => level === '+' || level === levels[i])
}
