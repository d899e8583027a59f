/** Why a value cannot be: thrown by the readers of values, caught where the line is known. */
export class Reason extends Error {
  override readonly name = 'Reason';
}

/** A value in a message: quoted, and not endless. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
