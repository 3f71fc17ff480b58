-- +goose Up
-- What one buyer bought of one seller at once, to be delivered in one way. order_id is the
-- payment's number, ending in its place in the payment from 01. What stands to deliver was
-- agreed at commit and never changes; the rest is how the order stands now. Money is fen,
-- times are Unix seconds, 0 and '' are none. state is one of handlers/trade's table of
-- steps; list_state is the list in which it is shown. records are the ids of coupon records
-- with a share in it. escrow is what it holds; debt, due_time: what of credit_price is owed
-- and by when; refunded: of what the buyer gave; promotion: what is left of the share that
-- the market pays; beli: what is left of those used. former_state and former_clock are of
-- before a refund was asked for, clock_left the seconds that were left. list_buyer and
-- list_seller are the two users, '' once they have hidden it. steps counts its history.
CREATE TABLE IF NOT EXISTS orders (
    order_id        TEXT NOT NULL,
    pay_id          TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    seller_id       TEXT NOT NULL,
    shop_id         BIGINT NOT NULL,
    is_course       BOOLEAN NOT NULL,
    deliver         TEXT NOT NULL,
    goods_price     BIGINT NOT NULL,
    off_price       BIGINT NOT NULL,
    ship_price      BIGINT NOT NULL,
    credit_price    BIGINT NOT NULL,
    pay_price       BIGINT NOT NULL,
    promotion_price BIGINT NOT NULL,
    beli_used       BIGINT NOT NULL,
    records         TEXT NOT NULL,
    user_note       TEXT NOT NULL,
    creat_time      BIGINT NOT NULL,
    state           TEXT NOT NULL,
    list_state      TEXT NOT NULL,
    list_buyer      TEXT NOT NULL,
    list_seller     TEXT NOT NULL,
    clock           TEXT NOT NULL,
    clock_end       BIGINT NOT NULL,
    former_state    TEXT NOT NULL DEFAULT '',
    former_clock    TEXT NOT NULL DEFAULT '',
    clock_left      BIGINT NOT NULL DEFAULT 0,
    pay_method      TEXT NOT NULL DEFAULT '',
    pay_time        BIGINT NOT NULL DEFAULT 0,
    ship_time       BIGINT NOT NULL DEFAULT 0,
    finish_time     BIGINT NOT NULL DEFAULT 0,
    closed_time     BIGINT NOT NULL DEFAULT 0,
    escrow          BIGINT NOT NULL DEFAULT 0,
    debt            BIGINT NOT NULL DEFAULT 0,
    due_time        BIGINT NOT NULL DEFAULT 0,
    refunded        BIGINT NOT NULL DEFAULT 0,
    promotion       BIGINT NOT NULL DEFAULT 0,
    beli            BIGINT NOT NULL DEFAULT 0,
    address_name    TEXT NOT NULL DEFAULT '',
    address_phone   TEXT NOT NULL DEFAULT '',
    address         TEXT NOT NULL DEFAULT '',
    address_changed BOOLEAN NOT NULL DEFAULT FALSE,
    logistics       TEXT NOT NULL DEFAULT '',
    logistics_id    TEXT NOT NULL DEFAULT '',
    ships           BIGINT NOT NULL DEFAULT 0,
    is_extended     BOOLEAN NOT NULL DEFAULT FALSE,
    requests        BIGINT NOT NULL DEFAULT 0,
    appeal_end      BIGINT NOT NULL DEFAULT 0,
    is_appealed     BOOLEAN NOT NULL DEFAULT FALSE,
    admin_note      TEXT NOT NULL DEFAULT '',
    steps           BIGINT NOT NULL,
    PRIMARY KEY (order_id)
);

CREATE INDEX IF NOT EXISTS orders_payment ON orders (pay_id, order_id);
CREATE INDEX IF NOT EXISTS orders_buyer ON orders (list_buyer, order_id);
CREATE INDEX IF NOT EXISTS orders_buyer_list ON orders (list_buyer, list_state, order_id);
CREATE INDEX IF NOT EXISTS orders_seller ON orders (list_seller, order_id);
CREATE INDEX IF NOT EXISTS orders_seller_list ON orders (list_seller, list_state, order_id);
CREATE INDEX IF NOT EXISTS orders_list ON orders (list_state, order_id);
CREATE INDEX IF NOT EXISTS orders_user ON orders (user_id, due_time, order_id);
CREATE INDEX IF NOT EXISTS orders_seller_open ON orders (seller_id, closed_time);
