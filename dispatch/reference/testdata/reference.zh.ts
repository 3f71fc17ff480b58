
/** order/place 的 data。 */
export interface OrderPlaceRequest {
  /** a，或 b|c */
  kind: "a" | "b";
  /** 1 到 3 */
  count: number | string;
  /** 最多 10 个字符；count 大于等于 2 时必填 */
  owner?: number | string;
  note?: number | string;
  /** 卡上的；最多 20 个字符 */
  code?: string;
  /** 100% 元；0.01 到 99.5，最多两位小数 */
  price?: number | string;
  /** 最多两位小数；"" 为清空 */
  bonus?: number | string;
  /** 格式为 YYYY-MM-DD HH:MM:SS */
  time?: string;
  bytes?: string;
  fast?: boolean;
}

/** ping/ping 的 data。 */
export type PingPingRequest = None;

/** order/commit 的 data。 */
export interface OrderCommitRequest {
  /** 买的东西；1 到 50 项 */
  items: {
    product_id: number | string;
    /** 件数；1 到 999 */
    product_num?: number | string;
    /** 最多 200 个字符 */
    note?: string;
  }[];
  /** 优惠券；0 到 5 项 */
  record_ids?: (number | string)[];
  /** 1 到 9 项；每项：最多 1024 个字符 */
  pics?: string[];
  /** 缺省为默认地址 */
  address?: {
    /** 最多 255 个字符 */
    street: string;
  };
}

/** GET order 的查询参数。 */
export interface GetOrderListRequest {
  type: 1 | 2;
  key?: string;
  /** 最多 5 个字符 */
  title?: string;
  /** 格式为 YYYY-MM-DD HH:MM:SS */
  since?: string;
  /** 1 到 500 */
  count?: number;
}

/** ping/names 的 data。 */
export type PingNamesRequest = None;

/** ping/everything 的 data。 */
export type PingEverythingRequest = None;

/** GET desk 的查询参数。 */
export type GetDeskListRequest = None;

export interface Item {
  /** 是什么 */
  name: string;
}

export interface Ordered {
  /** 编号 */
  id: number;
  price: number;
  /** 或|没有 */
  bonus: number | null;
  items: Item[];
}

export interface Desks {
  items: (Item | null)[];
  seats: (number | null)[];
  last: Item | null;
  note: None | null;
}

/** 所有接口共有的状态码，以及各个接口另加的状态码；查询接口有自己的一套。 */
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

/** 每个接口对应一个函数。status 不为 0 时抛出 CampusgateError。 */
export type Client = ReturnType<typeof createClient>;

/** 访问 options.base 处网关的客户端。 */
export function createClient(options: ClientOptions = {}) {
  const connection = new Connection(options);
  return {
    /**
     * 下单。POST /order，需要 token：是。
     *
     * 关于它的说明，这里占 50%。
     *
     * @example
     * client.orderPlace({"kind": "a", "count": 1})
     */
    orderPlace: (data: OrderPlaceRequest, signal?: AbortSignal): Promise<Ordered> =>
      connection.post("/order", "order", "place", data, signal),
    /** 什么也不做。POST /ping，需要 token：可选。 */
    pingPing: (data: PingPingRequest = {}, signal?: AbortSignal): Promise<None> =>
      connection.post("/ping", "ping", "ping", data, signal),
    /**
     * 替别人下单。POST /desk，需要 token：是，admin。
     *
     * @example
     * client.orderCommit({"items": [{"product_id": 7, "product_num": 2}], "record_ids": [1]})
     */
    orderCommit: (data: OrderCommitRequest, signal?: AbortSignal): Promise<Ordered | null> =>
      connection.post("/desk", "order", "commit", data, signal),
    /**
     * 查找订单。GET /get/list，需要 token：是。
     *
     * @example
     * client.getOrderList({"type": 1, "title": "a"})
     */
    getOrderList: (data: GetOrderListRequest, signal?: AbortSignal): Promise<Item[]> =>
      connection.get("/get/list", data, signal),
    /**
     * 显示图片。GET /get/pic/<from>/<name>，需要 token：否。
     *
     * 总是图片。
     */
    getPicURL: (from: string, name: string): string =>
      connection.url("/get/pic", from, name),
    /** 列出名称。POST /ping，需要 token：可选。 */
    pingNames: (data: PingNamesRequest = {}, signal?: AbortSignal): Promise<string[]> =>
      connection.post("/ping", "ping", "names", data, signal),
    /** 说明一切。POST /ping，需要 token：可选。 */
    pingEverything: (data: PingEverythingRequest = {}, signal?: AbortSignal): Promise<Record<string, Record<string, unknown>[]>> =>
      connection.post("/ping", "ping", "everything", data, signal),
    /** 列出桌子。GET /get/desk，需要 token：是，admin。 */
    getDeskList: (data: GetDeskListRequest = {}, signal?: AbortSignal): Promise<Desks> =>
      connection.get("/get/desk", data, signal),
    /** 下载数据。GET /stats.csv，需要 token：是。 */
    statsCsvURL: (from: string, to: string): string =>
      connection.url("/stats.csv") + "?" + new URLSearchParams({ from, to }),
  };
}
