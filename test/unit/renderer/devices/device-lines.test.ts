import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  enrolLine,
  eventsLine,
  labelLine,
  listLine,
  noteLine,
  removeLine,
  removeManyLine,
  saveLine,
  seriesLine,
  timelineLine,
} from '../../../../renderer/screens/devices/device-lines.ts'

const muster = 'npm run -s muster -- '
/** The words that a POSIX shell makes of a line. */
const words = (line: string): string[] => {
  expect(line.startsWith(muster)).toBe(true)
  return execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line.slice(muster.length)}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
}

describe('what is done as lines of the command line', () => {
  test.each([
    { line: listLine('', { column: 'device', descending: false }), is: ['devices', 'list'] },
    {
      line: listLine('site = "l\'yon"', { column: 'lastSeenAt', descending: true }),
      is: ['devices', 'list', '--query', 'site = "l\'yon"', '--sort', 'lastSeenAt:desc'],
    },
    {
      line: labelLine({ site: 'new $HOME', line: null }, 'id = cam-1'),
      is: ['devices', 'label', 'site=new $HOME', 'line=', '--query', 'id = cam-1'],
    },
    { line: labelLine({ camera: '' }, ''), is: ['call', 'devices.setLabels', '{"query":"","labels":{"camera":""}}'] },
    { line: labelLine({ site: 'lyon' }, ''), is: ['devices', 'label', 'site=lyon', '--query', ''] },
    { line: removeLine('cam-1'), is: ['devices', 'remove', 'cam-1', '--yes'] },
    { line: removeManyLine('site = lyon', 3), is: ['devices', 'remove', '--query', 'site = lyon', '--expect', '3', '--yes'] },
    { line: noteLine('cam-1', 'two\nlines; `rm`'), is: ['devices', 'note', 'cam-1', 'two\nlines; `rm`'] },
    { line: noteLine('cam-1', ''), is: ['devices', 'note', 'cam-1', '--clear'] },
    { line: timelineLine('cam-1', 'error'), is: ['devices', 'timeline', 'cam-1', '--severity', 'error'] },
    {
      line: seriesLine('cam-1', '24h', 'digits'),
      is: ['telemetry', 'series', '--device', 'cam-1', '--deployment', 'digits', '--since', '24h'],
    },
    { line: eventsLine('site = lyon', 'info'), is: ['events', '--query', 'site = lyon'] },
    { line: saveLine('My view', ''), is: ['queries', 'save', 'My view', ''] },
    {
      line: enrolLine('cam-1', { site: 'lyon', line: '3' }, 60),
      is: ['devices', 'enroll', '--id', 'cam-1', '--label', 'site=lyon', 'line=3', '--minutes', '60'],
    },
    { line: enrolLine('', {}, 10), is: ['devices', 'enroll'] },
  ])('$line', ({ line, is }) => {
    expect(words(line)).toEqual(is)
  })
})
