
/** The data of order/place. */
export interface OrderPlaceRequest {
  /** a, or b|c */
  kind: "a" | "b";
  /** 1 to 3 */
  count: number | string;
  /** at most 10 characters; required if count is 2 or more */
  owner?: number | string;
  note?: number | string;
  /** the card's; at most 20 characters */
  code?: string;
  /** 100% yuan; 0.01 to 99.5 with at most two decimals */
  price?: number | string;
  /** limited to two decimals; "" clears it */
  bonus?: number | string;
  /** YYYY-MM-DD HH:MM:SS */
  time?: string;
  bytes?: string;
  fast?: boolean;
}

/** The data of ping/ping. */
export type PingPingRequest = None;

/** The data of order/commit. */
export interface OrderCommitRequest {
  /** what is bought; 1 to 50 items */
  items: {
    product_id: number | string;
    /** pieces; 1 to 999 */
    product_num?: number | string;
    /** at most 200 characters */
    note?: string;
  }[];
  /** coupons; 0 to 5 items */
  record_ids?: (number | string)[];
  /** 1 to 9 items; each at most 1024 characters */
  pics?: string[];
  /** absent: the default one */
  address?: {
    /** at most 255 characters */
    street: string;
  };
}

/** The query parameters of GET order. */
export interface GetOrderListRequest {
  type: 1 | 2;
  key?: string;
  /** at most 5 characters */
  title?: string;
  /** YYYY-MM-DD HH:MM:SS */
  since?: string;
  /** 1 to 500 */
  count?: number;
}

/** The data of ping/names. */
export type PingNamesRequest = None;

/** The data of ping/everything. */
export type PingEverythingRequest = None;

/** The query parameters of GET desk. */
export type GetDeskListRequest = None;

export interface Item {
  /** what it is */
  name: string;
}

export interface Ordered {
  /** its number */
  id: number;
  price: number;
  /** or|none */
  bonus: number | null;
  items: Item[];
}

export interface Desks {
  items: (Item | null)[];
  seats: (number | null)[];
  last: Item | null;
  note: None | null;
}

/** The statuses of every call, and those that a call adds; a query has its own. */
export const statuses = {
  everyCall: {
    [0]: "successful",
    [-1]: "Error JSON key",
    [-2]: "Error JSON value",
    [-100]: "Missing necessary args",
    [-101]: "Error token",
    [-102]: "Get userid failed for the token",
    [-200]: "Failure to operate database",
    [-201]: "Necessary key-value can't be empty",
    [-203]: "Arg's value type error",
    [-204]: "Arg's value error",
    [-302]: "Too many requests",
    [-404]: "Unknown Error",
  },
  orderPlace: {
    [-202]: "Missing necessary data key-value",
    [100]: "The shop name was used",
    [-103]: "No permission to operate",
  },
  pingPing: {
  },
  orderCommit: {
    [-3]: "Error data key",
    [-103]: "No permission to operate",
    [-301]: "Account is frozen",
  },
  getOrderList: {
    [-100]: "Args Error",
    [-101]: "Args Type Error",
    [-102]: "Get userid failed for the token",
    [-103]: "Args conflict",
    [-104]: "Missing necessary args",
    [-105]: "Error token",
    [-106]: "Args Error",
  },
  pingNames: {
  },
  pingEverything: {
  },
  getDeskList: {
    [-100]: "Args Error",
    [-101]: "Args Type Error",
    [-102]: "Get userid failed for the token",
    [-103]: "Args conflict; No permission to operate",
    [-104]: "Missing necessary args",
    [-105]: "Error token",
    [-106]: "Args Error",
  },
} as const;

/** Every call as a function. A status that is not 0 is thrown as a CampusgateError. */
export type Client = ReturnType<typeof createClient>;

/** A client of the gateway at options.base. */
export function createClient(options: ClientOptions = {}) {
  const connection = new Connection(options);
  return {
    /**
     * Place an order. POST /order, token: yes.
     *
     * Sentences about it, 50% of them here.
     *
     * @example
     * client.orderPlace({"kind": "a", "count": 1})
     */
    orderPlace: (data: OrderPlaceRequest, signal?: AbortSignal): Promise<Ordered> =>
      connection.post("/order", "order", "place", data, signal),
    /** Do nothing. POST /ping, token: optional. */
    pingPing: (data: PingPingRequest = {}, signal?: AbortSignal): Promise<None> =>
      connection.post("/ping", "ping", "ping", data, signal),
    /**
     * Order for somebody. POST /desk, token: yes, admin.
     *
     * @example
     * client.orderCommit({"items": [{"product_id": 7, "product_num": 2}], "record_ids": [1]})
     */
    orderCommit: (data: OrderCommitRequest, signal?: AbortSignal): Promise<Ordered | null> =>
      connection.post("/desk", "order", "commit", data, signal),
    /**
     * Find orders. GET /get/list, token: yes.
     *
     * @example
     * client.getOrderList({"type": 1, "title": "a"})
     */
    getOrderList: (data: GetOrderListRequest, signal?: AbortSignal): Promise<Item[]> =>
      connection.get("/get/list", data, signal),
    /**
     * Show a picture. GET /get/pic/<from>/<name>, token: no.
     *
     * Always a picture.
     */
    getPicURL: (from: string, name: string): string =>
      connection.url("/get/pic", from, name),
    /** List names. POST /ping, token: optional. */
    pingNames: (data: PingNamesRequest = {}, signal?: AbortSignal): Promise<string[]> =>
      connection.post("/ping", "ping", "names", data, signal),
    /** Tell everything. POST /ping, token: optional. */
    pingEverything: (data: PingEverythingRequest = {}, signal?: AbortSignal): Promise<Record<string, Record<string, unknown>[]>> =>
      connection.post("/ping", "ping", "everything", data, signal),
    /** List desks. GET /get/desk, token: yes, admin. */
    getDeskList: (data: GetDeskListRequest = {}, signal?: AbortSignal): Promise<Desks> =>
      connection.get("/get/desk", data, signal),
    /** Download figures. GET /stats.csv, token: yes. */
    statsCsvURL: (from: string, to: string): string =>
      connection.url("/stats.csv") + "?" + new URLSearchParams({ from, to }),
  };
}
