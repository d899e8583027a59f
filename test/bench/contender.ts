/** What is measured: a server, reached in one of the ways that a row of the table compares. */

/** One started server, with everything that belongs to it. */
export interface Running {
  /** The roots of its process trees. */
  readonly pids: readonly number[];
  /** Ends all of it; settles when it has gone. */
  end(): Promise<void>;
}

/** Where load is sent for a contender's column. */
export interface Target {
  /** As the table names it. */
  readonly name: string;
  readonly port: number;
  readonly host: string;
}

export interface Contender extends Running {
  readonly name: string;
  /** Version as the program says it. */
  readonly version: string;
  readonly targets: readonly Target[];
  /** What its figures do not show, for the foot of the table. */
  readonly notes: readonly string[];
}

/** The same for every contender, so that none has an advantage. */
export const TUNING = {
  /** Fronts of itkd, worker processes of nginx. */
  fronts: 2,
  /** PHP and CGI processes of a site: twice the connections, so that kept ones starve nobody. */
  children: 16,
  /** Seconds. */
  keepAlive: 5,
} as const;
