-- +goose Up
-- The nine of the second-hand document, with its numbers.
INSERT OR IGNORE INTO categories (category_id, category_name, kind, sort) VALUES
    (1, '手机', 1, 1),
    (2, '数码', 1, 2),
    (3, '租房', 1, 3),
    (4, '服装', 1, 4),
    (5, '居家', 1, 5),
    (6, '美妆', 1, 6),
    (7, '运动', 1, 7),
    (8, '家电', 1, 8),
    (9, '玩具乐器', 1, 9);
