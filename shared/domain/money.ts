/** Money for people: two digits behind the point, and what is less than a cent with two digits that say something. Never rounded to nothing. */
export function moneyText(amount: number, currency: string): string {
  return `${amountText(amount)} ${currency}`
}

/** The same without its currency, for columns that say it once. */
export function amountText(amount: number): string {
  const isSmall = amount !== 0 && Math.abs(amount) < 0.01
  const digits = isSmall ? Math.min(12, 1 - Math.floor(Math.log10(Math.abs(amount)))) : 2
  return amount.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
