-- +goose Up
-- For what time of a course an order has paid; order_id is empty for what was free. days are
-- those of the price policy. sections: how many the course had.
CREATE TABLE IF NOT EXISTS course_grants (
    user_id    VARBINARY(255) NOT NULL,
    product_id BIGINT NOT NULL,
    order_id   VARBINARY(32) NOT NULL,
    days       BIGINT NOT NULL,
    begin_time BIGINT NOT NULL,
    end_time   BIGINT NOT NULL,
    sections   BIGINT NOT NULL,
    PRIMARY KEY (user_id, product_id, order_id)
);
