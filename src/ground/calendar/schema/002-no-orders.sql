-- Nothing ever wrote orders of the place; what is needed of them is added with who gives them.
DROP TABLE calendar_order;
