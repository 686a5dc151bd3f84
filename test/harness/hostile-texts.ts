/** Texts that a label, a host name or an event may carry, each within the limits of the wire. */
export const hostileTexts = {
  markup: '<img src=x onerror=alert(1)>',
  rightToLeft: '\u202Egnp.exe \u0645\u0631\u062D\u0628\u0627',
  longest: 'w'.repeat(256),
  formula: '=HYPERLINK("https://example.invalid","click")',
  escapes: '\u001B[2J\u001B]0;owned\u0007',
}

/** One of them, by any number. */
export function hostileText(number: number): string {
  const texts = Object.values(hostileTexts)
  return texts[number % texts.length]!
}
