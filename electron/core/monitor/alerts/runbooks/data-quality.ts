import type { Runbook } from './runbook.ts'

/** What to do when it is said: data quality. */
export const dataQuality: Runbook = {
  title: 'Data quality',
  markdown: `## What it means
More values of a feature are bad than the training rows had: missing, of a wrong type, infinite, out of range, outlying or of an unknown
category. It rose by a share that matters, by more than chance, in 2 of the last 3 windows.

A feature has one alert, named by the first of these that holds: values that are missing, of a wrong type or infinite; drift, if the values within the
range of the training rows drift as well; values out of range, outlying or unseen; drift. Values out of place move the distribution, so where they alone
do, drift of the same feature is told within this alert and not again.

## What to look at
- The feature on the monitoring page: each rate beside that of the reference.
- Which devices send the values.
- The application that prepares the inputs: a renamed column, another unit, a changed code.

## What to do
1. Missing or wrong values: look at the sensor and at what reads it.
2. Out of range: check the unit first (grams and kilograms, Celsius and Fahrenheit), then the sensor.
3. Unknown categories: a new product or a new spelling. Map it, or train with it.
4. Declare a rule for such values in the bundle: reject, fill or flag.
`,
}
