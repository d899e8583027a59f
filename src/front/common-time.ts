const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

let second = -1;
let text = '';

/** `31/Jan/2026:12:00:00 +0000`, in UTC: made anew once a second. */
export function commonTime(time: number): string {
  const now = Math.floor(time / 1000);
  if (now === second) return text;
  second = now;
  const iso = new Date(time).toISOString();
  text = `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
  return text;
}
