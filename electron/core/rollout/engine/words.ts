/** A number with its noun: 1 device, 5 devices. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** A number with its noun and what those do: 1 device keeps, 5 devices keep. */
export function doing(count: number, noun: string, [one, many]: readonly [one: string, many: string]): string {
  return `${counted(count, noun)} ${count === 1 ? one : many}`
}

/** A share: 80 %, 12.5 %. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}

/** Bytes as people say them; powers of 1,000. */
export function bytesWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? Math.round(value) : Number(value.toPrecision(3))} ${units[power]}`
}

/** A time span in its two largest units: 1 h 30 min. */
export function spanWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first === -1) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

/** A moment, to the minute, in UTC. */
export function momentWords(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** Waves are counted from 1 for people. */
export function waveWords(wave: number, name = ''): string {
  return name === '' ? `wave ${wave + 1}` : `wave ${wave + 1} (${name})`
}

/** A sentence begins with a capital letter. */
export function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
